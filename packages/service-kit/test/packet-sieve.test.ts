import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type MessageHead, PacketSieve, type SievedMessage } from '../src/mqtt/packet-sieve.ts';

interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly id: number;
  readonly flags: number;
  readonly isShed: boolean;
}

const message = fc.record({
  topic: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.integer({ min: 500, max: 40_000 }).map((size) => new Uint8Array(size)),
  ),
  qos: fc.constantFrom(0 as const, 1 as const),
  id: fc.integer({ min: 1, max: 65_535 }),
  flags: fc.constantFrom(0, 1, 8, 9),
  isShed: fc.boolean(),
});
/** PINGRESP, SUBACK, and a PUBLISH at QoS 2, which none of ours is. */
const others = fc.constantFrom(
  Buffer.from([0xd0, 0]),
  Buffer.from([0x90, 3, 0, 1, 1]),
  Buffer.from([0x34, 5, 0, 1, 0x61, 0, 9]),
);

function packetOf({ topic, payload, qos, id, flags, isShed }: Message): Buffer {
  const name = Buffer.from(`${isShed ? 'shed' : 'keep'}/${topic}`);
  const body = Buffer.concat([
    Buffer.from([name.length >> 8, name.length & 0xff]),
    name,
    qos === 0 ? Buffer.alloc(0) : Buffer.from([id >> 8, id & 0xff]),
    payload,
  ]);
  const length: number[] = [];
  for (let rest = body.length; length.length === 0 || rest > 0; rest >>= 7)
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  return Buffer.concat([Buffer.from([0x30 | (qos << 1) | flags, ...length]), body]);
}

function startSieve(hold: (message: SievedMessage) => Promise<void> | undefined = () => undefined) {
  const heads: MessageHead[] = [];
  const rests: Buffer[] = [];
  /** Of each message what became of it, in their order. */
  const seen: (SievedMessage | { readonly shedId: number })[] = [];
  const sieve = new PacketSieve({
    shed: (head) => {
      heads.push({ ...head, payloadHead: Uint8Array.from(head.payloadHead) });
      return head.topic.startsWith('shed/');
    },
    onShed: (shedId) => seen.push({ shedId }),
    onMessage: (taken) => {
      seen.push({ ...taken, payload: Uint8Array.from(taken.payload) });
      return hold(taken);
    },
    onRest: (bytes) => rests.push(Buffer.from(bytes)),
  });
  return { sieve, heads, seen, rest: () => Buffer.concat(rests) };
}

async function feedInPieces(sieve: PacketSieve, bytes: Buffer, sizes: readonly number[]) {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const end = at + (sizes[turn % sizes.length] ?? 1);
    await sieve.feed(bytes.subarray(at, end));
    at = end;
  }
}

const nameOf = ({ topic, isShed }: Message) => Buffer.from(`${isShed ? 'shed' : 'keep'}/${topic}`).toString();

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 65_536 })), {
  minLength: 1,
  maxLength: 20,
});

describe('the sieve of packets', () => {
  it('gives out whole messages in their order, sheds others, and leaves every other byte, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(message, others), { maxLength: 12 }),
        sizes,
        fc.boolean(),
        async (packets, pieces, isHeld) => {
          const hold = () => (isHeld ? new Promise<void>((resolve) => setImmediate(resolve)) : undefined);
          const { sieve, heads, seen, rest } = startSieve(hold);
          const bytes = packets.map((packet) => (Buffer.isBuffer(packet) ? packet : packetOf(packet)));
          await feedInPieces(sieve, Buffer.concat(bytes), pieces);
          expect(rest().equals(Buffer.concat(packets.filter((packet) => Buffer.isBuffer(packet))))).toBe(
            true,
          );
          const messages = packets.filter((packet) => !Buffer.isBuffer(packet)) as Message[];
          expect(seen).toEqual(messages.flatMap(expectedOf));
          expect(heads).toEqual(
            messages.map((sent) => ({
              topic: nameOf(sent),
              qos: sent.qos,
              retain: (sent.flags & 1) === 1,
              dup: (sent.flags & 8) === 8,
              payloadBytes: sent.payload.length,
              payloadHead: sent.payload.slice(0, 512),
            })),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reads nothing behind a message that is held', async () => {
    const sent = [1, 2, 3].map((id) =>
      packetOf({ topic: 'a', payload: new Uint8Array(9), qos: 1, id, flags: 0, isShed: false }),
    );
    let letGo = () => {};
    const { sieve, seen } = startSieve(({ messageId }) =>
      messageId === 2 ? new Promise((resolve) => (letGo = resolve)) : undefined,
    );
    const held = sieve.feed(Buffer.concat(sent));
    expect(seen).toHaveLength(2);
    letGo();
    await held;
    expect(seen).toHaveLength(3);
  });

  it('never throws on bytes that are no MQTT, and loses none of what it passes on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), sizes, async (noise, pieces) => {
        const { sieve, rest, seen } = startSieve();
        const bytes = Buffer.from(noise);
        await feedInPieces(sieve, bytes, pieces);
        if (seen.length === 0) expect(rest().equals(bytes.subarray(0, rest().length))).toBe(true);
        else expect(rest().length).toBeLessThan(bytes.length);
      }),
      { numRuns: 500 },
    );
  });
});

/** What is seen of a message: at QoS 0, that it was shed leaves no trace. */
function expectedOf(sent: Message): readonly (SievedMessage | { readonly shedId: number })[] {
  const { qos, id, flags, payload, isShed } = sent;
  if (isShed) return qos === 1 ? [{ shedId: id }] : [];
  const retain = (flags & 1) === 1;
  const dup = (flags & 8) === 8;
  return [{ topic: nameOf(sent), payload, qos, retain, dup, messageId: qos === 1 ? id : 0 }];
}
