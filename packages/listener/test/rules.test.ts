import { describe, expect, it } from '@jest/globals';
import { fairShare } from '../src/lanes/fair-share.ts';
import type { ClientTelemetry } from '../src/telemetry/client-telemetry.ts';
import { TelemetryQueue } from '../src/telemetry/telemetry-queue.ts';

const told = (clientUuid: string, over: Partial<ClientTelemetry> = {}): ClientTelemetry => ({
  clientUuid,
  receivedAtMs: 1,
  deviceTime: undefined,
  processStatus: undefined,
  bootId: undefined,
  recentResults: [],
  health: undefined,
  messages: [],
  ...over,
});

describe('the fair share of lanes', () => {
  it.each([1, 2, 3, 4, 5])('of %d replicas adds up to all lanes, and differs by at most one', (count) => {
    const instances = Array.from({ length: count }, (_, index) => `replica-${index}`);
    const shares = instances.map((self) => fairShare(instances, self, 4));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(4);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
  });

  it('counts a replica that has not reported itself yet', () => {
    expect(fairShare(['other'], 'self', 4)).toBe(2);
  });
});

describe('waiting telemetry', () => {
  it('is one entry per client: the newest of each kind, with all messages to acknowledge', () => {
    const queue = new TelemetryQueue(10);
    const health = { payload: { process_status: undefined } as never, receivedAtMs: 1 };
    queue.add(told('a', { receivedAtMs: 1, processStatus: 'crashed', health, bootId: 'b1' }));
    queue.add(told('a', { receivedAtMs: 2, processStatus: 'running' }));
    expect(queue.take(10)).toEqual([
      told('a', { receivedAtMs: 2, processStatus: 'running', health, bootId: 'b1' }),
    ]);
    expect(queue.size).toBe(0);
  });

  it('drops the oldest client when too many wait', () => {
    const queue = new TelemetryQueue(2);
    expect([queue.add(told('a')), queue.add(told('b')), queue.add(told('c'))]).toEqual([
      undefined,
      undefined,
      told('a'),
    ]);
  });

  it('keeps what is newer when a batch comes back', () => {
    const queue = new TelemetryQueue(10);
    queue.add(told('a', { receivedAtMs: 5, processStatus: 'running' }));
    queue.restore(told('a', { receivedAtMs: 3, processStatus: 'crashed', bootId: 'b1' }));
    expect(queue.take(10)).toEqual([told('a', { receivedAtMs: 5, processStatus: 'running', bootId: 'b1' })]);
  });

  it('is taken in the order of the UUIDs, so that writers lock rows in one order', () => {
    const queue = new TelemetryQueue(10);
    for (const client of ['c', 'a', 'b']) queue.add(told(client));
    expect(queue.take(2).map(({ clientUuid }) => clientUuid)).toEqual(['a', 'c']);
  });
});
