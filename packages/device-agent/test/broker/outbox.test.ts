import { describe, expect, it } from '@jest/globals';
import type { BrokerLink } from '../../src/broker/broker-link.ts';
import { Outbox } from '../../src/broker/outbox.ts';

/** A link that takes `capacity` messages and then dies without an answer. */
function linkWithCapacity(capacity: number) {
  const taken: string[] = [];
  let isCut = false;
  const link: BrokerLink = {
    publish: async ({ topic }) => {
      if (isCut || taken.length >= capacity) throw new Error('the connection ended');
      taken.push(topic);
    },
    subscribe: () => Promise.resolve(),
    close: () => Promise.resolve(),
    cut: () => {
      isCut = true;
    },
    closed: new Promise(() => undefined),
  };
  return { link, taken, isCut: () => isCut };
}

const message = (topic: string) => ({ topic, payload: '', qos: 1 as const });

describe('what must reach the broker', () => {
  it('waits for a connection and then goes out in order', async () => {
    const outbox = new Outbox();
    const confirmed = Promise.all(['a', 'b', 'c'].map((topic) => outbox.add(message(topic))));
    const { link, taken } = linkWithCapacity(3);
    outbox.useLink(link);
    await confirmed;
    expect(taken).toEqual(['a', 'b', 'c']);
  });

  it('is sent again over the next connection when this one did not confirm it', async () => {
    const outbox = new Outbox();
    const first = linkWithCapacity(1);
    const second = linkWithCapacity(10);
    outbox.useLink(first.link);
    await outbox.add(message('a'));
    const confirmed = outbox.add(message('b'));
    await new Promise(setImmediate);
    outbox.useLink(null);
    outbox.useLink(second.link);
    await confirmed;
    expect([first.taken, second.taken]).toEqual([['a'], ['b']]);
  });

  it('ends a connection that looks alive and confirms nothing', async () => {
    const outbox = new Outbox();
    const { link, isCut } = linkWithCapacity(0);
    outbox.useLink(link);
    void outbox.add(message('a'));
    await new Promise(setImmediate);
    expect(isCut()).toBe(true);
  });
});
