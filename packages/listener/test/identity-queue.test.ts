import { describe, expect, it } from '@jest/globals';
import { type ClientIdentity, mergeIdentity, type Presence } from '../src/identity/client-identity.ts';
import { IdentityQueue } from '../src/identity/identity-queue.ts';

const NOTHING = { hostname: null, ip: null, model: null, osVersion: null, appVersion: null };
const said = (clientUuid: string, over: Partial<ClientIdentity> = {}): ClientIdentity => ({
  clientUuid,
  discovery: undefined,
  bootId: undefined,
  presence: undefined,
  aliveAtMs: null,
  messages: [
    {
      topic: 't',
      payload: new Uint8Array(10),
      qos: 1,
      retain: false,
      dup: false,
      receivedAt: new Date(0),
      acknowledge: () => {},
    },
  ],
  ...over,
});
const online = (sessionId: string): Presence => ({ isOnline: true, sessionId, reason: null });
const offline = (sessionId: string): Presence => ({ isOnline: false, sessionId, reason: null });

describe('what one client says of itself, one after the other, is one', () => {
  it('where the later adds to the earlier: fields that it does not tell stay', () => {
    const merged = mergeIdentity(
      said('a', { discovery: { ...NOTHING, hostname: 'old', ip: '10.0.0.1' }, bootId: 'b1', aliveAtMs: 1 }),
      said('a', { discovery: { ...NOTHING, hostname: 'new' }, presence: online('s1') }),
    );
    expect(merged).toMatchObject({
      discovery: { hostname: 'new', ip: '10.0.0.1' },
      bootId: 'b1',
      presence: online('s1'),
      aliveAtMs: 1,
    });
    expect(merged?.messages).toHaveLength(2);
  });

  it.each([
    ['online after online', online('s1'), online('s2'), true],
    ['the same offline again', offline('s1'), offline('s1'), true],
    ['online after offline, which may prove a shutdown', offline('s1'), online('s2'), false],
    ['offline after online', online('s1'), offline('s1'), false],
    ['offline of another session, which may be outdated', offline('s2'), offline('s1'), false],
  ])('%s: %#', (_name, first, second, isOne) => {
    const merged = mergeIdentity(said('a', { presence: first }), said('a', { presence: second }));
    expect(merged !== undefined).toBe(isOne);
    if (isOne) expect(merged?.presence).toEqual(second);
  });

  it('but not two boots: each is recorded', () => {
    expect(mergeIdentity(said('a', { bootId: 'b1' }), said('a', { bootId: 'b2' }))).toBeUndefined();
  });
});

describe('the queue of what clients say of themselves', () => {
  it('gives out clients in the order of their UUIDs, as many as are asked for, oldest first', () => {
    const queue = new IdentityQueue();
    for (const uuid of ['c', 'b', 'a']) queue.add(said(uuid));
    expect(queue.take(2).map(({ clientUuid }) => clientUuid)).toEqual(['b', 'c']);
    expect(queue.take(2).map(({ clientUuid }) => clientUuid)).toEqual(['a']);
  });

  it('gives out no more of a client until what was given out is done, and then in order', () => {
    const queue = new IdentityQueue();
    queue.add(said('a', { presence: offline('s1') }));
    queue.add(said('a', { presence: online('s2') }));
    queue.add(said('b'));
    const [first] = queue.take(1);
    expect(first?.presence).toEqual(offline('s1'));
    expect(queue.take(10).map(({ clientUuid }) => clientUuid)).toEqual(['b']);
    if (first !== undefined) queue.done(first);
    expect(queue.take(10).map(({ presence }) => presence)).toEqual([online('s2')]);
  });

  it('puts back what could not be stored before what came later, and counts it until it is done', () => {
    const queue = new IdentityQueue();
    queue.add(said('a', { presence: offline('s1') }));
    const [first] = queue.take(1);
    queue.add(said('a', { presence: online('s2') }));
    if (first !== undefined) queue.restore(first);
    expect(queue.messages).toBe(2);
    expect(queue.heldOf('a')).toEqual({ messages: 2, bytes: 20 });
    const [again] = queue.take(1);
    expect(again?.presence).toEqual(offline('s1'));
    if (again !== undefined) queue.done(again);
    const [last] = queue.take(1);
    if (last !== undefined) queue.done(last);
    expect([queue.messages, queue.bytes, queue.heldOf('a').messages]).toEqual([0, 0, 0]);
  });
});
