import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Arrived, PubackWriter } from '../src/mqtt/puback-writer.ts';

function start() {
  const socket = new PassThrough();
  const pubacks = new PubackWriter(socket);
  const expectMessage = (messageId: number): Arrived => {
    const arrived = { messageId, isAcknowledged: false };
    pubacks.expect(arrived);
    return arrived;
  };
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  /** The ids that were answered since the last call. */
  const answered = () => {
    const bytes = (socket.read() as Buffer | null) ?? Buffer.alloc(0);
    return Array.from({ length: bytes.length / 4 }, (_, index) => {
      expect(bytes.readUInt16BE(index * 4)).toBe(0x4002);
      return bytes.readUInt16BE(index * 4 + 2);
    });
  };
  return { socket, pubacks, expectMessage, turn, answered };
}

describe('the writer of PUBACKs', () => {
  it('answers in the order in which messages came, whatever the order in which they are acknowledged', async () => {
    const order = fc
      .uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 50 })
      .chain((ids) => fc.tuple(fc.constant(ids), fc.shuffledSubarray(ids, { minLength: ids.length })));
    await fc.assert(
      fc.asyncProperty(order, fc.nat(), async ([ids, acknowledged], sum) => {
        const { pubacks, expectMessage, turn, answered } = start();
        const arrived = new Map(ids.map((id) => [id, expectMessage(id)]));
        const seen: number[] = [];
        for (const [index, id] of acknowledged.entries()) {
          pubacks.acknowledge(arrived.get(id) as Arrived);
          if ((index + sum) % 3 !== 0) continue;
          await turn();
          seen.push(...answered());
          const isDone = (own: number) => acknowledged.indexOf(own) <= index;
          const firstMissing = ids.findIndex((own) => !isDone(own));
          expect(seen).toEqual(firstMissing === -1 ? ids : ids.slice(0, firstMissing));
        }
        await turn();
        seen.push(...answered());
        expect(seen).toEqual(ids);
      }),
      { numRuns: 100 },
    );
  });

  it('answers each message once, also where its id is used again before it is answered', async () => {
    const { pubacks, expectMessage, turn, answered } = start();
    const [seven, eight, again] = [7, 8, 7].map((id) => expectMessage(id)) as [Arrived, Arrived, Arrived];
    for (const message of [again, again, eight]) pubacks.acknowledge(message);
    await turn();
    expect(answered()).toEqual([]);
    pubacks.acknowledge(seven);
    await turn();
    pubacks.acknowledge(eight);
    await turn();
    expect(answered()).toEqual([7, 8, 7]);
  });

  it('keeps the order over more messages than there are ids', async () => {
    const { pubacks, expectMessage, turn, answered } = start();
    const idOf = (n: number) => (n % 65_535) + 1;
    const arrived: Arrived[] = [];
    for (let n = 0; n < 200_000; n += 1) {
      arrived.push(expectMessage(idOf(n)));
      if (n >= 100) pubacks.acknowledge(arrived[n - 100] as Arrived);
      if (n % 10_000 !== 9999) continue;
      await turn();
      const seen = answered();
      expect(seen).toHaveLength(n === 9999 ? 9900 : 10_000);
      expect(seen.at(-1)).toBe(idOf(n - 100));
    }
  });

  it('answers at its end what is acknowledged behind what is not', async () => {
    const { socket, pubacks, expectMessage, turn, answered } = start();
    const [first, , third] = [1, 2, 3].map((id) => expectMessage(id)) as [Arrived, Arrived, Arrived];
    pubacks.acknowledge(third);
    pubacks.end();
    expect(answered()).toEqual([3]);
    socket.end();
    pubacks.acknowledge(first);
    await turn();
    expect(answered()).toEqual([]);
  });
});
