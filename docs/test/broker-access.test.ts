import { posix } from 'node:path';
import {
  canaryTopic,
  deviceAccess,
  filterCovers,
  listenerAccess,
  schedulerAccess,
  serverAccess,
  type TopicAccess,
  topicMatches,
} from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import { codeBlocks, codeIn, sectionOf, tableRows } from './markdown.ts';
import { readText } from './repository-files.ts';

const UUID = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';
const ACCOUNTS: Readonly<Record<string, TopicAccess>> = {
  screen: deviceAccess(UUID),
  server: serverAccess(),
  scheduler: schedulerAccess(),
  listener: listenerAccess(),
};
const PAGE = readText('docs/broker-access.md');
const rows = tableRows(sectionOf(PAGE, 'Topics')).map(([topic, publish = '', read = '']) => ({
  topic: codeIn(topic).replace('{uuid}', UUID).replace('{name}', 'x'),
  publish,
  read,
}));

describe('the page on access to the broker', () => {
  it('says of each topic who may publish and read it', () => {
    const whoMay = (allows: (access: TopicAccess) => boolean) =>
      Object.entries(ACCOUNTS)
        .filter(([, access]) => allows(access))
        .map(([name]) => name)
        .join(', ');
    for (const { topic, publish, read } of rows) {
      const publishes = whoMay((access) => access.publish.some((filter) => topicMatches(filter, topic)));
      const reads = whoMay(
        ({ receive, subscribe }) =>
          receive.some((filter) => topicMatches(filter, topic)) &&
          subscribe.some((filter) => filterCovers(filter, topic)),
      );
      expect([topic, publish, read]).toEqual([topic, publishes, reads]);
    }
  });

  it('names every topic that somebody may use', () => {
    const filters = Object.values(ACCOUNTS).flatMap(({ publish, subscribe, receive }) => [
      ...publish,
      ...subscribe,
      ...receive,
    ]);
    const unnamed = filters.filter((filter) => !rows.some(({ topic }) => topicMatches(filter, topic)));
    expect(unnamed).toEqual([]);
    expect(rows.map(({ topic }) => topic)).toContain(canaryTopic('x'));
  });

  it.each(codeBlocks(PAGE, 'sh').map((block) => ({ first: block.split('\n')[0], block })))(
    'has commands that find their files and the settings, each block by itself: $first',
    ({ block }) => {
      const places = [...placesOf(block)];
      const elsewhere = places.filter(
        ({ command, folder }) =>
          (/^(docker-compose|scripts\/)/.test(command) && folder !== '.') ||
          (/screens-ca\.cnf|\.\.\/broker/.test(command) && folder !== 'certs/ca'),
      );
      expect(elsewhere).toEqual([]);
      expect(places.at(-1)?.folder).toBe('.');
    },
  );
});

/** Each command of a block with the folder in which it runs; the last one is nothing, in the folder where the block ends. */
function* placesOf(block: string): Generator<{ readonly command: string; readonly folder: string }> {
  let folder = '.';
  for (const command of block.split(/\n|&&/).map((part) => part.trim())) {
    const target = /^cd (\S+)$/.exec(command)?.[1];
    if (target === undefined) yield { command, folder };
    else folder = posix.join(folder, target);
  }
  yield { command: '', folder };
}
