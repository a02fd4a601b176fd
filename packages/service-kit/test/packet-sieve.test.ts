import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type MessageHead, PacketSieve } from '../src/mqtt/packet-sieve.ts';

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

function feedInPieces(sieve: PacketSieve, bytes: Buffer, sizes: readonly number[]) {
  const rests: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const end = at + (sizes[turn % sizes.length] ?? 1);
    const rest = sieve.feed(bytes.subarray(at, end));
    if (rest !== undefined) rests.push(Buffer.from(rest));
    at = end;
  }
  return Buffer.concat(rests);
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 65_536 })), {
  minLength: 1,
  maxLength: 20,
});

describe('the sieve of packets', () => {
  it('takes out whole messages, tells of those at QoS 1 in their order, and leaves every other byte, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(message, others), { maxLength: 12 }), sizes, (packets, pieces) => {
        const seen: MessageHead[] = [];
        const arrived: unknown[] = [];
        const sieve = new PacketSieve(
          (head) => {
            seen.push({ ...head, payloadHead: Uint8Array.from(head.payloadHead) });
            return head.topic.startsWith('shed/');
          },
          (id, isShed) => arrived.push({ id, isShed }),
        );
        const bytes = packets.map((packet) =>
          Buffer.isBuffer(packet) ? packet : packetOf(packet as Message),
        );
        const rest = feedInPieces(sieve, Buffer.concat(bytes), pieces);
        const messages = packets.filter((packet) => !Buffer.isBuffer(packet)) as Message[];
        const kept = packets.flatMap((packet, index) =>
          !Buffer.isBuffer(packet) && (packet as Message).isShed ? [] : [bytes[index] as Buffer],
        );
        expect(rest.equals(Buffer.concat(kept))).toBe(true);
        expect(arrived).toEqual(
          messages.filter(({ qos }) => qos === 1).map(({ id, isShed }) => ({ id, isShed })),
        );
        expect(seen).toEqual(
          messages.map(({ topic, payload, qos, flags, isShed }) => ({
            topic: Buffer.from(`${isShed ? 'shed' : 'keep'}/${topic}`).toString(),
            qos,
            retain: (flags & 1) === 1,
            dup: (flags & 8) === 8,
            payloadBytes: payload.length,
            payloadHead: payload.slice(0, 512),
          })),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('never throws on bytes that are no MQTT, and changes none of what it passes on', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), sizes, (noise, pieces) => {
        const sieve = new PacketSieve(
          () => false,
          () => {},
        );
        const bytes = Buffer.from(noise);
        const rest = feedInPieces(sieve, bytes, pieces);
        expect(rest.equals(bytes.subarray(0, rest.length))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
