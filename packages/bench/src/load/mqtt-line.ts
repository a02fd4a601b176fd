import type { Socket } from 'node:net';
import { publishPacket } from '@infoscreen/test-kit';
import { answerOf, type BrokerLogin, connectSocket } from './connect-socket.ts';

const MAX_MESSAGE_ID = 65_535;
const PUBLISH = 3;

export interface MqttLineOptions extends BrokerLogin {
  readonly clientId: string;
  /** At QoS 1; called with each message that comes, which has been acknowledged. */
  readonly filter: string;
  readonly onMessage: (topic: string, payload: string) => void;
}

/** A connection of MQTT 3.1.1 in bytes: what answers for a thousand screens must cost less than what it measures. */
export interface MqttLine {
  /** At QoS 1, all of them in one write. */
  readonly publish: (messages: readonly { readonly topic: string; readonly payload: string }[]) => void;
  readonly close: () => void;
}

/** @throws when the broker refuses the account or the subscription */
export async function openMqttLine(options: MqttLineOptions): Promise<MqttLine> {
  const { clientId, filter } = options;
  const socket = await connectSocket(options, clientId);
  socket.write(subscribePacket(filter));
  await answerOf(socket, (bytes) => bytes[0] === 0x90 && bytes[4] === 1);
  readPackets(socket, options);
  let messageId = 0;
  return {
    publish: (messages) => {
      const packets = messages.map(({ topic, payload }) => {
        messageId = (messageId % MAX_MESSAGE_ID) + 1;
        return publishPacket(topic, payload, 1, messageId);
      });
      socket.write(Buffer.concat(packets));
    },
    close: () => socket.destroy(),
  };
}

function subscribePacket(filter: string): Buffer {
  const name = Buffer.from(filter);
  const body = Buffer.concat([
    Buffer.from([0, 1, name.length >> 8, name.length & 0xff]),
    name,
    Buffer.from([1]),
  ]);
  return Buffer.concat([Buffer.from([0x82, body.length]), body]);
}

function readPackets(socket: Socket, { onMessage }: MqttLineOptions): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    const acknowledgements: Buffer[] = [];
    const messages: (readonly [topic: string, payload: string])[] = [];
    for (let packet = firstPacket(held); packet !== undefined; packet = firstPacket(held)) {
      const { head, body, rest } = packet;
      held = rest;
      if (head >> 4 !== PUBLISH) continue;
      const topicEnd = 2 + body.readUInt16BE(0);
      const payloadAt = (head & 0x06) === 0 ? topicEnd : topicEnd + 2;
      if (payloadAt > topicEnd)
        acknowledgements.push(Buffer.from([0x40, 2, body[topicEnd] ?? 0, body[topicEnd + 1] ?? 0]));
      messages.push([body.toString('utf8', 2, topicEnd), body.toString('utf8', payloadAt)]);
    }
    if (acknowledgements.length > 0) socket.write(Buffer.concat(acknowledgements));
    for (const [topic, payload] of messages) onMessage(topic, payload);
  });
}

/** @returns `undefined` where it isn't whole yet */
function firstPacket(held: Buffer): { head: number; body: Buffer; rest: Buffer } | undefined {
  let length = 0;
  for (let at = 1; at <= 4; at += 1) {
    const digit = held[at];
    if (digit === undefined) return undefined;
    length += (digit & 0x7f) * 128 ** (at - 1);
    if (digit > 0x7f) continue;
    const end = at + 1 + length;
    if (held.length < end) return undefined;
    return { head: held[0] ?? 0, body: held.subarray(at + 1, end), rest: held.subarray(end) };
  }
  throw new Error('the broker sent no packet of MQTT');
}
