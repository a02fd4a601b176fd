import { describe, expect, it } from '@jest/globals';
import { WorkLimit } from '../src/intake/work-limit.ts';
import { fairShare } from '../src/lanes/fair-share.ts';
import { TelemetryQueue } from '../src/telemetry/telemetry-queue.ts';
import { telemetryOf as told } from './telemetry-of.ts';

/** A message at QoS 1 with a payload of so many bytes. */
function heard(bytes: number) {
  const message = {
    topic: 't',
    payload: new Uint8Array(bytes),
    qos: 1 as const,
    retain: false,
    dup: false,
    receivedAt: new Date(0),
    isAcknowledged: false,
    acknowledge: () => {
      message.isAcknowledged = true;
    },
  };
  return message;
}

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
    const queue = new TelemetryQueue({ maxClients: 10, maxMessages: 100_000, maxBytes: 1000 });
    const health = { payload: { process_status: undefined } as never, receivedAtMs: 1 };
    queue.add(told('a', { receivedAtMs: 1, processStatus: 'crashed', health, bootId: 'b1' }));
    queue.add(told('a', { receivedAtMs: 2, processStatus: 'running' }));
    expect(queue.take(10)).toEqual([
      told('a', { receivedAtMs: 2, processStatus: 'running', health, bootId: 'b1' }),
    ]);
    expect(queue.size).toBe(0);
  });

  it('drops the oldest client when too many wait', () => {
    const queue = new TelemetryQueue({ maxClients: 2, maxMessages: 100_000, maxBytes: 1000 });
    expect([queue.add(told('a')), queue.add(told('b')), queue.add(told('c'))]).toEqual([[], [], [told('a')]]);
  });

  it('drops the oldest when too many bytes wait', () => {
    const queue = new TelemetryQueue({ maxClients: 10, maxMessages: 100_000, maxBytes: 100 });
    const [a, b, c] = ['a', 'b', 'c'].map((client) => told(client, { messages: [heard(40)] }));
    if (a === undefined || b === undefined || c === undefined) throw new Error('never');
    expect([queue.add(a), queue.add(b), queue.add(c)]).toEqual([[], [], [a]]);
    queue.take(10);
    expect([queue.add(a), queue.add(b)]).toEqual([[], []]);
  });

  it('drops the oldest when too many messages wait, however small they are', () => {
    const queue = new TelemetryQueue({ maxClients: 10, maxMessages: 3, maxBytes: 100_000 });
    const [a, b] = ['a', 'b'].map((client) => told(client, { messages: [heard(0), heard(0)] }));
    if (a === undefined || b === undefined) throw new Error('never');
    expect([queue.add(a), queue.add(b)]).toEqual([[], [a]]);
  });

  it('of one client keeps its latest messages only: what they superseded is acknowledged at once', () => {
    const queue = new TelemetryQueue({ maxClients: 10, maxMessages: 100_000, maxBytes: 1_000_000 });
    const messages = Array.from({ length: 10_000 }, () => heard(1));
    for (const message of messages) queue.add(told('a', { messages: [message] }));
    expect(messages.filter(({ isAcknowledged }) => isAcknowledged)).toHaveLength(messages.length - 256);
    expect(queue.take(1)[0]?.messages).toEqual(messages.slice(-256));
  });

  it('keeps what is newer when a batch comes back', () => {
    const queue = new TelemetryQueue({ maxClients: 10, maxMessages: 100_000, maxBytes: 1000 });
    queue.add(told('a', { receivedAtMs: 5, processStatus: 'running' }));
    queue.restore(told('a', { receivedAtMs: 3, processStatus: 'crashed', bootId: 'b1' }));
    expect(queue.take(10)).toEqual([told('a', { receivedAtMs: 5, processStatus: 'running', bootId: 'b1' })]);
  });

  it('is taken in the order of the UUIDs, so that writers lock rows in one order', () => {
    const queue = new TelemetryQueue({ maxClients: 10, maxMessages: 100_000, maxBytes: 1000 });
    for (const client of ['c', 'a', 'b']) queue.add(told(client));
    expect(queue.take(2).map(({ clientUuid }) => clientUuid)).toEqual(['a', 'c']);
  });
});

describe('work that is limited', () => {
  /** Tasks that end when they are told to. */
  function bench(limit: WorkLimit) {
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const task = (name: string) => () =>
      new Promise<void>((resolve) => {
        begun.push(name);
        ends.set(name, resolve);
      });
    return {
      begun,
      run: (name: string) => void limit.run(task(name)),
      background: (name: string) => void limit.runInBackground(task(name)),
      end: async (name: string) => {
        ends.get(name)?.();
        await new Promise((resolve) => setImmediate(resolve));
      },
    };
  }

  it('leaves most places to messages, however much telemetry has to report', async () => {
    const { begun, run, background, end } = bench(new WorkLimit(4, 2));
    for (let index = 0; index < 100; index += 1) background(`report-${index}`);
    run('ack-0');
    run('ack-1');
    run('ack-2');
    await end('');
    expect(begun).toEqual(['report-0', 'report-1', 'ack-0', 'ack-1']);
    // A place that becomes free is the next message's, not the next report's.
    await end('report-0');
    expect(begun.at(-1)).toBe('ack-2');
    await end('ack-0');
    expect(begun.at(-1)).toBe('report-2');
    await end('ack-1');
    expect(begun).toHaveLength(6);
  });

  it('is freed by a task that fails', async () => {
    const limit = new WorkLimit(1, 1);
    await expect(limit.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(limit.runInBackground(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await limit.run(async () => 'yes')).toBe('yes');
  });
});
