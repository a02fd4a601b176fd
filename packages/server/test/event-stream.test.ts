import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { createMetrics } from '@infoscreen/service-kit';
import { describe, expect, it } from '@jest/globals';
import type { Response } from 'express';
import { createEventStream, STREAM_LIMITS, type StreamEnd } from '../src/events/event-stream.ts';
import { createEventStreams, OPEN_STREAMS } from '../src/events/event-streams.ts';
import type { Change } from '../src/events/read-changes.ts';
import { eventsIn } from './event-reader.ts';
import { useServer } from './server-fixture.ts';

const server = useServer();

const START = { snapshot: '10:10:', takenAtSeconds: 100 };
const LATER = { snapshot: '20:20:', takenAtSeconds: 101 };

/** A stream whose reader takes what it is sent, unless it is told to stand still. */
function makeStream({ now }: { now?: () => number } = {}) {
  const state = { text: '', writes: 0, now: 0, isAllowed: true, isReading: true, ends: [] as StreamEnd[] };
  const outlet = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      state.text += chunk;
      state.writes += 1;
      if (state.isReading) done();
    },
  });
  const stream = createEventStream({
    outlet,
    isStillAllowed: async () => state.isAllowed,
    onEnd: (end) => state.ends.push(end),
    now: now ?? (() => state.now),
  });
  return { stream, state, outlet, sent: () => eventsIn(state.text) };
}
const client = (uuid: string = randomUUID()): Change => ({
  kind: 'client',
  client_uuid: uuid,
  command_id: null,
});
const clients = (count: number) => Array.from({ length: count }, () => client());

describe('a stream of events', () => {
  it('tells each client, command and failure once, however often it changed', async () => {
    const { stream, sent } = makeStream();
    const [uuid, commandId] = [randomUUID(), randomUUID()];
    const changes: Change[] = [
      client(uuid),
      { kind: 'command', client_uuid: uuid, command_id: commandId },
      { kind: 'failure', client_uuid: uuid, command_id: null },
    ];
    stream.start(START);
    stream.tell(changes, START);
    stream.tell(changes, LATER);
    stream.tellSystem();
    stream.tellSystem();
    await stream.flush();
    expect(sent().map(({ event, data }) => [event, data])).toEqual([
      ['client', { uuid }],
      ['command', { commandId, clientUuid: uuid }],
      ['failure', { uuid }],
      ['system', {}],
    ]);
    stream.end('left');
  });

  it('moves its id on with the last of the events that are sent together, so that a break loses none', async () => {
    const { stream, sent } = makeStream();
    stream.start(START);
    stream.tell(clients(3), LATER);
    await stream.flush();
    expect(sent().map(({ id }) => id)).toEqual(['100.10:10:', '100.10:10:', '101.20:20:']);
    stream.end('left');
  });

  it('is sent at most four times a second, however often there is something to tell', async () => {
    const { stream, state } = makeStream({ now: () => performance.now() });
    const begunAt = performance.now();
    stream.start(START);
    while (performance.now() - begunAt < 600) {
      stream.tell(clients(1), LATER);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const pauses = (performance.now() - begunAt) / 250;
    // The first is the beginning of the stream, the second is sent at once; a timer may be a little early.
    expect(state.writes).toBeGreaterThan(2);
    expect(state.writes).toBeLessThanOrEqual(2 + Math.ceil(pauses));
    stream.end('left');
  });

  it('tells nothing before it is started', async () => {
    const { stream, state, sent } = makeStream();
    stream.tell(clients(1), LATER);
    await stream.flush();
    expect(state.text).toBe('');
    stream.start(START);
    await stream.flush();
    expect(sent()).toHaveLength(1);
    stream.end('left');
  });

  it('asks before each batch whether the reader may still be here, and ends without a word more', async () => {
    const { stream, state, sent, outlet } = makeStream();
    stream.start(START);
    state.isAllowed = false;
    stream.tell(clients(1), LATER);
    await stream.flush();
    expect([sent(), state.ends, outlet.writableEnded]).toEqual([[], ['not_allowed'], true]);
  });

  it('ends where nothing happens, too, when the reader may no longer be here', async () => {
    const { stream, state } = makeStream();
    stream.start(START);
    state.isAllowed = false;
    await stream.check();
    expect(state.ends).toEqual(['not_allowed']);
  });

  it('says every 15 s that it lives, and how far it is', async () => {
    const { stream, state } = makeStream();
    stream.start(START);
    stream.tell([], LATER);
    const before = state.text;
    state.now = STREAM_LIMITS.heartbeatMs - 1;
    await stream.check();
    expect(state.text).toBe(before);
    state.now = STREAM_LIMITS.heartbeatMs;
    await stream.check();
    expect(state.text.slice(before.length)).toBe(': heartbeat\nid: 101.20:20:\n\n');
    stream.end('left');
  });
});

describe('a reader that takes nothing', () => {
  it('is sent nothing more, and is cut after 5 s', async () => {
    const { stream, state, outlet, sent } = makeStream();
    state.isReading = false;
    stream.start(START);
    for (let batch = 0; batch < 5; batch += 1) {
      stream.tell(clients(10), LATER);
      await stream.flush();
    }
    expect(sent()).toEqual([]);
    state.now = STREAM_LIMITS.slowReaderMs - 1;
    await stream.check();
    expect(state.ends).toEqual([]);
    state.now = STREAM_LIMITS.slowReaderMs;
    await stream.check();
    expect([state.ends, outlet.destroyed]).toEqual([['slow_reader'], true]);
  });

  it('has one reset waiting instead of more than 1,000 events', async () => {
    const { stream, sent } = makeStream();
    stream.tell(clients(STREAM_LIMITS.pending), LATER);
    stream.tell(clients(1), LATER);
    stream.tell(clients(5), LATER);
    stream.start(START);
    await stream.flush();
    expect(sent()).toEqual([{ event: 'reset', id: '101.20:20:', data: {} }]);
    stream.end('left');
  });
});

describe('the streams of a server', () => {
  it('are at most 500, whoever asks, and none are opened once it stops', async () => {
    const streams = createEventStreams({
      feed: { subscribe: async () => ({ position: START, unsubscribe: () => {} }) },
      pool: server.database.pool,
      metrics: createMetrics({ service: 'server', instance: 'server-1' }),
    });
    const open = () => {
      const user = {
        id: randomUUID(),
        username: 'someone',
        role: 'viewer',
        mustChangePassword: false,
        token: null,
      } as const;
      const res = new Writable({ write: (_chunk, _encoding, done) => done() }) as unknown as Response;
      return streams.open({ user, res, isStillAllowed: async () => true, lastEventId: undefined });
    };
    for (let opened = 0; opened < OPEN_STREAMS.inAll; opened += 1) (await open())();
    await expect(open()).rejects.toMatchObject({ code: 'too_many_streams' });
    streams.endAll();
    await expect(open()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
