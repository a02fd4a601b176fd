import { describe, expect, it } from '@jest/globals';
import { readText, repositoryFiles, workspaces } from './repository-files.ts';

const FOUNDATION = ['shared-types', 'prisma'];
const SERVICE = [...FOUNDATION, 'commands', 'service-kit'];

/** What each package may import of the others, as docs/architecture.md draws it. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'shared-types': [],
  prisma: ['shared-types'],
  commands: FOUNDATION,
  'service-kit': FOUNDATION,
  dashboard: ['shared-types'],
  server: SERVICE,
  listener: SERVICE,
  scheduler: SERVICE,
  'device-agent': ['shared-types'],
  'local-stack': [...FOUNDATION, 'service-kit', 'device-agent'],
  'test-kit': [...FOUNDATION, 'commands', 'service-kit', 'device-agent', 'local-stack'],
  chaos: [...FOUNDATION, 'commands', 'service-kit', 'device-agent', 'local-stack', 'test-kit'],
  // The server for its session check, behind which it serves prepared answers.
  bench: [...SERVICE, 'server', 'device-agent', 'local-stack', 'test-kit'],
};

const packages = workspaces().map((workspace) => ({
  ...workspace,
  shortName: workspace.name.replace('@infoscreen/', ''),
}));
const names = packages.map(({ shortName }) => shortName);
const sourcesOf = (folder: string) =>
  repositoryFiles(`${folder}/src`).filter((file) => /\.(ts|tsx|mts)$/.test(file));

/** Everything that a file imports, types included. */
function importsOf(file: string): readonly string[] {
  return [...readText(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(
    (match) => match[1] ?? '',
  );
}

describe('the packages', () => {
  it('are those of which it is said what they may import', () => {
    expect(names.toSorted()).toEqual(Object.keys(ALLOWED).sort());
  });

  it.each(packages)('$shortName imports only what it may', ({ shortName, folder }) => {
    const imported = sourcesOf(folder)
      .flatMap(importsOf)
      .filter((name) => name.startsWith('@infoscreen/'));
    const forbidden = imported.filter(
      (name) => !ALLOWED[shortName]?.includes(name.replace('@infoscreen/', '')),
    );
    expect(forbidden).toEqual([]);
  });

  it.each(packages)('$shortName lists every package that it imports', ({ folder, dependencies }) => {
    const imported = sourcesOf(folder)
      .flatMap(importsOf)
      .filter((name) => /^[@a-z]/.test(name) && !name.startsWith('node:'))
      .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
    const listed = new Set(dependencies);
    expect([...new Set(imported)].filter((name) => !listed.has(name))).toEqual([]);
  });

  it.each(packages)('$shortName reaches into no other one', ({ folder }) => {
    const depths = sourcesOf(folder).flatMap((file) => {
      const depth = file.split('/').length - folder.split('/').length - 1;
      return importsOf(file).filter((name) => name.startsWith('../'.repeat(depth)) && depth > 0);
    });
    const deep = packages.flatMap(({ name }) =>
      importsOfAll(folder).filter((it) => it.startsWith(`${name}/`)),
    );
    expect([...depths, ...deep]).toEqual([]);
  });
});

function importsOfAll(folder: string): readonly string[] {
  return sourcesOf(folder).flatMap(importsOf);
}

describe('the linter', () => {
  interface Override {
    readonly files: readonly string[];
    readonly rules: Readonly<Record<string, readonly [string, { patterns: { group: string[] }[] }]>>;
  }
  const { overrides } = JSON.parse(readText('.oxlintrc.json')) as { overrides: readonly Override[] };

  it('forbids what this test forbids, wherever it has a rule', () => {
    const seen: string[] = [];
    for (const { files, rules } of overrides) {
      const group = rules['no-restricted-imports']?.[1].patterns.flatMap((pattern) => pattern.group) ?? [];
      for (const importer of packages.filter(({ folder }) => files.includes(`${folder}/src/**`))) {
        seen.push(importer.shortName);
        const others = names.filter((name) => name !== importer.shortName);
        const permitted = others.filter((name) => !isRestricted(`@infoscreen/${name}`, group));
        expect([importer.shortName, permitted.toSorted()]).toEqual([
          importer.shortName,
          [...(ALLOWED[importer.shortName] ?? [])].sort(),
        ]);
      }
    }
    expect(seen.toSorted()).toEqual(
      names.filter((name) => !/-stack$|-kit$|^chaos$|^bench$/.test(name) || name === 'service-kit').sort(),
    );
  });
});

/** The last pattern that matches decides; `!` permits. */
function isRestricted(name: string, group: readonly string[]): boolean {
  const matches = (pattern: string) => new RegExp(`^${pattern.replaceAll('*', '[^/]*')}$`).test(name);
  const last = group.findLast((pattern) => matches(pattern.replace(/^!/, '')));
  return last !== undefined && !last.startsWith('!');
}

describe('what only one place may touch', () => {
  const sources = packages.flatMap(({ folder }) => sourcesOf(folder));

  it.each([
    [
      'mqtt',
      /^packages\/(service-kit\/src\/mqtt\/mqtt-link|device-agent\/src\/broker\/[a-z-]+|test-kit\/src\/.*|bench\/src\/limits\/.*)\.ts$/,
    ],
    ['prom-client', /^packages\/service-kit\/src\/metrics\//],
    ['winston', /^packages\/service-kit\/src\/logging\//],
    ['express', /^packages\/server\/src\//],
    ['bcrypt', /^packages\/server\/src\/auth\//],
    ['aedes', /^packages\/local-stack\/src\/broker\/embedded-broker\//],
  ])('is imported there alone: %s', (name, place) => {
    const importers = sources.filter((file) => importsOf(file).includes(name));
    expect(importers.length).toBeGreaterThan(0);
    expect(importers.filter((file) => !place.test(file))).toEqual([]);
  });

  it('is the environment: read in an env.ts, and by the migrate step', () => {
    const readers = sources.filter((file) => /\bprocess\.env\b/.test(readText(file)));
    expect(readers.filter((file) => !file.endsWith('/env.ts'))).toEqual(['prisma/src/migrate-main.ts']);
  });
});
