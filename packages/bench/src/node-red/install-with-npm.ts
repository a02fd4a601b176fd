import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const OPTIONS = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
const DEADLINE_MS = 300_000;
const run = promisify(execFile);

/**
 * Installs packages with npm and its settings (registry, proxy, cache), and runs none of their scripts.
 * @param folder gets its `node_modules`
 * @throws with what npm said and what to do, when it can't
 */
export async function installWithNpm(folder: string, packages: readonly string[]): Promise<void> {
  try {
    await run('npm', ['install', '--prefix', folder, ...packages, ...OPTIONS], {
      cwd: folder,
      timeout: DEADLINE_MS,
    });
  } catch (cause) {
    throw new Error(
      `npm could not install ${packages.join(' and ')}: ${reasonOf(cause)}\nThis benchmark needs npm in PATH and a registry that ` +
        `it reaches: see that "npm view ${packages[0]} version" answers, or name the other benchmarks with --only.`,
      { cause },
    );
  }
}

function reasonOf(error: unknown): string {
  const { stderr = '', message } = error as Error & { readonly stderr?: string };
  return stderr.trim() === '' ? message : stderr.trim();
}
