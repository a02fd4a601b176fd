import { expect, it } from '@jest/globals';
import { inOrderOfHelp } from '../../src/overview/crashed-order.ts';

const silent = (name: string, last_alive: string | null) => ({
  name,
  crash_reason: 'heartbeat_stale' as const,
  last_alive,
});
const crashed = (name: string, last_alive: string) => ({
  name,
  crash_reason: 'process_crashed' as const,
  last_alive,
});

it('lists crashed apps first, as they come, then silent screens, the latest of them first', () => {
  const screens = [
    silent('never', null),
    silent('for days', '2026-03-01T12:00:00Z'),
    crashed('a', '2026-03-04T12:00:00Z'),
    silent('just now', '2026-03-04T12:00:00Z'),
    crashed('b', '2026-03-04T12:00:05Z'),
  ];
  expect(inOrderOfHelp(screens).map(({ name }) => name)).toEqual(['a', 'b', 'just now', 'for days', 'never']);
});
