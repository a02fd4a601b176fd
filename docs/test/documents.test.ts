import path from 'node:path';
import {
  CLIENT_STATUSES,
  COMMAND_STATUSES,
  LIFECYCLE_EVENTS,
  ROLES,
  TRANSITIONS,
} from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import { anchors, codeBlocks, linkTargets, sectionOf, tableRows } from './markdown.ts';
import { isThere, readText, repositoryFiles, workspaces } from './repository-files.ts';

const documents = repositoryFiles().filter((file) => file.endsWith('.md'));
const architecture = readText('docs/architecture.md');

describe('a document', () => {
  it.each(documents)('links to what is there: %s', (document) => {
    const broken = linkTargets(readText(document)).filter((target) => !resolves(document, target));
    expect(broken).toEqual([]);
  });

  it.each(documents.filter((file) => /^docs\/[^/]+\.md$/.test(file) && file !== 'docs/README.md'))(
    'is in the index: %s',
    (document) => {
      expect(linkTargets(readText('docs/README.md'))).toContain(path.posix.basename(document));
    },
  );
});

describe('a decision', () => {
  const decisions = documents.filter((file) => /^docs\/adr\/\d{4}-/.test(file));

  it('is in the index, in order', () => {
    const linked = linkTargets(readText('docs/adr/README.md')).filter((target) => /^\d{4}-/.test(target));
    expect(linked).toEqual(decisions.map((file) => path.posix.basename(file)).toSorted());
  });

  it.each(decisions)('says background, decision and consequences: %s', (decision) => {
    const text = readText(decision);
    for (const heading of ['Background', 'Decision', 'Consequences'])
      expect(sectionOf(text, heading).trim()).not.toBe('');
  });
});

describe('every workspace', () => {
  it.each(workspaces().map(({ folder }) => folder))('has a README: %s', (folder) => {
    expect(isThere(`${folder}/README.md`)).toBe(true);
  });
});

describe('the architecture', () => {
  it('draws the lifecycle as the table of the code has it', () => {
    const diagram = codeBlocks(sectionOf(architecture, 'The lifecycle of a command'), 'mermaid').join('\n');
    const drawn = [...diagram.matchAll(/^ {2}([a-z_]+) --> ([a-z_]+): ([a-z_]+)$/gm)].map(
      ([, from, to, event]) => `${event}: ${from} → ${to}`,
    );
    const wanted = LIFECYCLE_EVENTS.flatMap((event) =>
      TRANSITIONS[event].from.map((from) => `${event}: ${from} → ${TRANSITIONS[event].to}`),
    );
    expect(drawn.toSorted()).toEqual(wanted.toSorted());
  });

  it('says of every table who writes it', () => {
    const tables = [...readText('prisma/schema.prisma').matchAll(/@@map\("([a-z_]+)"\)/g)].map(
      (match) => match[1] ?? '',
    );
    const described = tableRows(sectionOf(architecture, 'Who writes which table')).flatMap(([names = '']) =>
      names.split(', ').map((name) => name.replaceAll('`', '')),
    );
    expect(described.toSorted()).toEqual(tables.toSorted());
  });
});

describe('the glossary', () => {
  it.each([...COMMAND_STATUSES, ...CLIENT_STATUSES, ...ROLES])('knows %s', (word) => {
    expect(readText('docs/glossary.md')).toContain(`\`${word}\``);
  });

  it('is in the order of the alphabet', () => {
    const words = tableRows(readText('docs/glossary.md')).map(([word = '']) =>
      word.replaceAll('*', '').toLowerCase(),
    );
    expect(words).toEqual(words.toSorted());
  });
});

function resolves(document: string, target: string): boolean {
  if (/^(https?|mailto):/.test(target)) return true;
  const [file = '', anchor] = target.split('#');
  const linked = file === '' ? document : path.posix.join(path.posix.dirname(document), file);
  if (!isThere(linked)) return false;
  return anchor === undefined || anchors(readText(linked)).has(anchor);
}
