import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { filterCovers, topicMatches } from '../../src/index.ts';

describe('a subscription filter', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/c', false],
    ['a/b', 'a/b/c', false],
    ['a/b/c', 'a/b', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a/', true],
    ['a/+', 'a', false],
    ['a/+', 'a/b/c', false],
    ['+/+', '/finance', true],
    ['+', 'finance', true],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['#', 'a/b', true],
    ['#', '$SYS/uptime', false],
    ['+/uptime', '$SYS/uptime', false],
    ['$SYS/#', '$SYS/uptime', true],
    ['a/b', 'A/b', false],
  ])('%s and the topic %s: %s', (filter, topic, matches) => {
    expect(topicMatches(filter, topic)).toBe(matches);
  });
});

describe('a granted filter', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/#', 'a/+/c', true],
    ['a/#', 'a/#', true],
    ['a/#', 'a', true],
    ['a/#', '#', false],
    ['a/+', 'a/+', true],
    ['a/+', 'a/b', true],
    ['a/+', 'a/#', false],
    ['a/b', 'a/+', false],
    ['a/b', '#', false],
    ['a/#', '$share/group/a/b', false],
    ['#', '$SYS/#', false],
    ['#', '$share/group/a/b', false],
    ['$CONTROL/#', '$CONTROL/dynamic-security/v1', true],
  ])('%s covers the requested %s: %s', (granted, requested, covers) => {
    expect(filterCovers(granted, requested)).toBe(covers);
  });

  it('that covers another matches every topic that the other one matches', () => {
    const level = fc.constantFrom('a', 'b', '$c', '');
    const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
    const filter = fc
      .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }), fc.boolean())
      .filter(([levels, isOpen]) => levels.length > 0 || isOpen)
      .map(([levels, isOpen]) => [...levels, ...(isOpen ? ['#'] : [])].join('/'));
    fc.assert(
      fc.property(filter, filter, topic, (granted, requested, name) => {
        if (filterCovers(granted, requested) && topicMatches(requested, name))
          expect(topicMatches(granted, name)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
