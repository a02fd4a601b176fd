import { CONTROLS } from '@infoscreen/chaos';
import { describe, expect, it } from '@jest/globals';
import { codeIn, sections, tableRows } from './markdown.ts';
import { isThere, readText } from './repository-files.ts';

const page = readText('docs/security.md');
const AREAS = [
  'People: who somebody is',
  'People: what they may do',
  'Requests',
  'Screens and the broker',
  'Traces and secrets',
];
const rows = sections(page)
  .filter(({ heading }) => AREAS.includes(heading))
  .flatMap(({ text }) => tableRows(text))
  .map(([id, , , test = '']) => ({ id: codeIn(id), test }));

/** `fleet/stopping` → `packages/local-stack/test/fleet/stopping.test.ts` */
function shortened(file: string): string {
  return file
    .replace(/^packages\//, '')
    .replace(/\.test\.ts$/, '')
    .replace('/test/', '/')
    .replace(/^local-stack\/fleet\//, 'fleet/');
}

describe('the page on security', () => {
  it('has each control that can be taken away once, and no others', () => {
    expect(rows.map(({ id }) => id).toSorted()).toEqual(CONTROLS.map(({ id }) => id).toSorted());
  });

  it.each(CONTROLS.map((control) => ({ ...control, title: control.test.name })))(
    'names the test of $id, and what is taken away is there once',
    ({ id, file, find, test }) => {
      expect(rows.find((row) => row.id === id)?.test).toBe(`\`${shortened(test.file)}\` "${test.name}"`);
      expect(isThere(test.file)).toBe(true);
      expect(readText(test.file)).toContain(test.name);
      expect(readText(file).split(find)).toHaveLength(2);
    },
  );
});
