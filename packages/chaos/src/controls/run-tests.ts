import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { ControlTest } from './control.ts';

const REPORT = 'jest-report.json';

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.enum(['passed', 'failed', 'pending', 'skipped', 'todo', 'disabled', 'focused']),
        }),
      ),
    }),
  ),
});

/** How one test ended; `did_not_run` also where its file could not even be loaded. */
export type TestOutcome = 'passed' | 'failed' | 'did_not_run';

/** Builds the copy and runs tests in it, each file once. @returns the outcomes in the order of `tests` */
export async function runTests(
  folder: string,
  tests: readonly ControlTest[],
): Promise<readonly TestOutcome[]> {
  // A control that is gone may leave an unused name behind; what is emitted all the same is what counts.
  await run(folder, [path.join('scripts', 'build.mjs')]);
  const report = path.join(folder, REPORT);
  rmSync(report, { force: true });
  await run(folder, [
    '--experimental-vm-modules',
    '--no-warnings',
    path.join('node_modules', 'jest', 'bin', 'jest.js'),
    ...new Set(tests.map(({ file }) => file)),
    '--runTestsByPath',
    '--testNamePattern',
    [...new Set(tests.map(({ name }) => patternOf(name)))].join('|'),
    '--json',
    '--outputFile',
    report,
  ]);
  const { testResults } = reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
  return tests.map(({ file, name }) => {
    const results = testResults
      .filter((result) => result.name.endsWith(`/${file}`))
      .flatMap((result) => result.assertionResults)
      .filter(({ fullName }) => new RegExp(patternOf(name)).test(fullName));
    if (results.some(({ status }) => status === 'failed')) return 'failed';
    return results.some(({ status }) => status === 'passed') ? 'passed' : 'did_not_run';
  });
}

function run(folder: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], { cwd: folder, stdio: 'ignore' });
    child.once('error', reject);
    // That tests failed stands in their report.
    child.once('close', () => resolve());
  });
}

/** The title as a pattern; where a table of cases fills it in, anything may stand. */
function patternOf(title: string): string {
  return title
    .split(/%[sdijp]|\$\w+/)
    .map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
    .join('.*');
}
