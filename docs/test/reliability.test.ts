import { describe, expect, it } from '@jest/globals';
import { sectionOf, tableRows } from './markdown.ts';
import { isThere, readText } from './repository-files.ts';

const page = readText('docs/reliability.md');
const promises = ['Commands', 'Messages of devices', 'Replicas', 'Live events', 'Upgrades'].flatMap(
  (heading) =>
    tableRows(sectionOf(page, heading)).map(([promise = '', , tests = '']) => ({ promise, tests })),
);

/** `fleet/stopping` → `packages/local-stack/test/fleet/stopping.test.ts` */
function pathOf(shortened: string): string {
  const [first = '', ...rest] = shortened.split('/');
  const folder =
    first === 'fleet'
      ? 'packages/local-stack/test/fleet'
      : `${first === 'prisma' ? '' : 'packages/'}${first}/test`;
  return `${folder}/${rest.join('/')}.test.ts`;
}

describe('the page on reliability', () => {
  it.each(promises)('names tests that exist: $promise', ({ tests }) => {
    const files = [...tests.matchAll(/`([a-z-]+\/[a-z/-]+)`/g)].map(([, file = '']) => pathOf(file));
    expect(files).not.toEqual([]);
    expect(files.filter((file) => !isThere(file))).toEqual([]);
    const text = files.map(readText).join('\n');
    // What a name leaves out stands as an ellipsis.
    const parts = [...tests.matchAll(/"([^"]+)"/g)].flatMap(([, name = '']) => name.split('…'));
    expect(parts.map((part) => part.trim()).filter((part) => !text.includes(part))).toEqual([]);
  });
});
