import { describe, expect, it } from '@jest/globals';
import { REPOSITORY, readText, repositoryFiles, workspaces } from './repository-files.ts';

const BINARY = /\.(png|jpe?g|gif|webp|ico|woff2?|wasm|gz|tgz)$/;
const texts = repositoryFiles().filter((file) => !BINARY.test(file));
const filesWith = (pattern: RegExp) => texts.filter((file) => pattern.test(readText(file)));

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly link?: boolean }>>;
}

describe('the lock file', () => {
  it('names no registry, so that it works with every mirror', () => {
    const { packages } = JSON.parse(readText('package-lock.json')) as LockFile;
    const addressed = Object.values(packages).filter(({ resolved = '' }) => /^[a-z+]+:/.test(resolved));
    expect(addressed).toEqual([]);
  });

  it('has every workspace', () => {
    const { packages } = JSON.parse(readText('package-lock.json')) as LockFile;
    for (const { name } of workspaces())
      expect(packages[`node_modules/${name}`]).toMatchObject({ link: true });
  });
});

describe('a version', () => {
  it('is exact, also of a tool', () => {
    const inexact = ['package.json', ...workspaces().map(({ folder }) => `${folder}/package.json`)].flatMap(
      (file) => {
        const manifest = JSON.parse(readText(file)) as Record<string, Record<string, string> | undefined>;
        return Object.entries({ ...manifest['dependencies'], ...manifest['devDependencies'] })
          .filter(([name, version]) => !name.startsWith('@infoscreen/') && !/^\d+\.\d+\.\d+/.test(version))
          .map(([name]) => `${file}: ${name}`);
      },
    );
    expect(inexact).toEqual([]);
  });
});

describe('the repository', () => {
  it('knows nothing of the machine that it lies on', () => {
    // A clone right below the root has a path that may well be a word of the text.
    const isTelling = REPOSITORY.split('/').length > 2;
    expect(isTelling ? texts.filter((file) => readText(file).includes(REPOSITORY)) : []).toEqual([]);
  });

  it('knows no registry and no token', () => {
    expect(filesWith(/\bregistry\.[a-z0-9-]+\.[a-z]+|_auth[T]oken|^\s*registry\s*=/m)).toEqual([]);
  });

  it('has no private key in it', () => {
    expect(filesWith(/-----BEGIN [A-Z ]*PRIVATE [K]EY-----/)).toEqual([]);
  });

  it('has no folder of leftovers', () => {
    const folders = new Set(texts.flatMap((file) => file.split('/').slice(0, -1)));
    for (const name of ['utils', 'helpers', 'lib', 'misc', 'common'])
      expect([...folders]).not.toContain(name);
  });

  it('skips no test on purpose and leaves none alone', () => {
    const tests = texts.filter((file) => file.endsWith('.test.ts'));
    const focused = tests.filter((file) =>
      /\b(it|test|describe)\.(only|todo)\b|\b[fx](it|describe)\(/.test(readText(file)),
    );
    expect(focused).toEqual([]);
  });
});
