import type { ReceivedMessage } from './received-message.ts';

/** What stands before the payload. */
type Header = Pick<ReceivedMessage, 'topic' | 'qos' | 'retain' | 'dup'>;

/** What is known of a message before it is read as a whole. */
export interface MessageHead extends Header {
  readonly payloadBytes: number;
  /** The first bytes of the payload, 512 at most. Valid only during the call. */
  readonly payloadHead: Uint8Array;
}

/** Whether the message is dealt with, by its head alone: then it is acknowledged, and nothing more of it is read. */
export type ShedMessage = (head: MessageHead) => boolean;

export interface SievedMessage extends Header {
  /** Valid only during the call. */
  readonly payload: Uint8Array;
  /** 0 at QoS 0. */
  readonly messageId: number;
}

export interface PacketSieveOptions {
  readonly shed: ShedMessage;
  /** Of each message at QoS 1 that was shed. */
  readonly onShed: (messageId: number) => void;
  /** Called for each message, in their order. While a returned promise is pending, nothing more is read. */
  readonly onMessage: (message: SievedMessage) => Promise<void> | undefined;
  /** Every other byte, in its order. */
  readonly onRest: (bytes: Buffer) => void;
}

const PUBLISH = 3;
const MAX_HEAD_BYTES = 512;
const MAX_LENGTH_BYTES = 4;

/**
 * Takes the messages out of the bytes of an MQTT 3.1.1 connection, and leaves every other packet to a client library, which
 * would take several times as long for a message as its JSON does to be parsed. Keeps to the borders of packets; bytes that
 * aren't MQTT, and messages at QoS 2, are left to the library too.
 */
export class PacketSieve {
  readonly #options: PacketSieveOptions;
  /** The beginning of a packet that isn't there as a whole. */
  #carry: Buffer | undefined;
  /** That packet is a message that is wanted. */
  #isCarryWanted = false;
  /** Of a packet that is shed or left to others, what is still to come. */
  #left = 0;
  #isLeftShed = false;

  constructor(options: PacketSieveOptions) {
    this.#options = options;
  }

  /**
   * @param chunk the next bytes of the connection
   * @returns while a message is held: a promise that resolves when all of the chunk is read; until then, nothing may be fed
   */
  feed(chunk: Buffer): Promise<void> | undefined {
    const bytes = this.#carry === undefined ? chunk : Buffer.concat([this.#carry, chunk]);
    this.#carry = undefined;
    return this.#read(bytes, 0);
  }

  #read(bytes: Buffer, from: number): Promise<void> | undefined {
    let at = from;
    /** Where what is to be passed on begins; neighbours are passed on as one piece. */
    let restAt = from;
    const passRest = () => {
      if (restAt < at) this.#options.onRest(bytes.subarray(restAt, at));
    };
    while (at < bytes.length) {
      if (this.#left > 0) {
        at = this.#skip(bytes, at);
        if (this.#isLeftShed) restAt = at;
        continue;
      }
      const packet = readPacket(bytes, at);
      const use = packet === undefined ? 'later' : this.#useOf(bytes, packet);
      if (packet === undefined || use === 'later') break;
      if (use === 'rest') continue;
      passRest();
      restAt = at;
      if (use === 'shed') continue;
      const held = this.#options.onMessage(messageOf(bytes, packet));
      at = packet.end;
      restAt = at;
      const next = at;
      if (held !== undefined) return held.then(() => this.#read(bytes, next));
    }
    passRest();
    if (at < bytes.length) this.#carry = bytes.subarray(at);
    return undefined;
  }

  /** What becomes of the packet; of one that is shed or left to others, `#left` says how much of it is to come. */
  #useOf(bytes: Buffer, packet: Packet): 'later' | 'rest' | 'shed' | 'message' {
    if (packet.isMessage && !this.#isCarryWanted) {
      if (Math.min(packet.end, packet.payloadAt + MAX_HEAD_BYTES) > bytes.length) return 'later';
      this.#isCarryWanted = !this.#sheds(bytes, packet);
    }
    if (!this.#isCarryWanted) {
      this.#left = packet.end - packet.at;
      this.#isLeftShed = packet.isMessage;
      return packet.isMessage ? 'shed' : 'rest';
    }
    if (packet.end > bytes.length) return 'later';
    this.#isCarryWanted = false;
    return 'message';
  }

  #skip(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    return end;
  }

  #sheds(bytes: Buffer, packet: Packet): boolean {
    const { flags, idAt, payloadAt, end } = packet;
    const isShed = this.#options.shed({
      topic: topicOf(bytes, packet),
      qos: idAt === payloadAt ? 0 : 1,
      retain: (flags & 1) === 1,
      dup: (flags & 8) === 8,
      payloadBytes: end - payloadAt,
      payloadHead: bytes.subarray(payloadAt, Math.min(end, payloadAt + MAX_HEAD_BYTES)),
    });
    if (isShed && idAt < payloadAt) this.#options.onShed(bytes.readUInt16BE(idAt));
    return isShed;
  }
}

function messageOf(bytes: Buffer, packet: Packet): SievedMessage {
  const { flags, idAt, payloadAt, end } = packet;
  return {
    topic: topicOf(bytes, packet),
    payload: bytes.subarray(payloadAt, end),
    qos: idAt === payloadAt ? 0 : 1,
    retain: (flags & 1) === 1,
    dup: (flags & 8) === 8,
    messageId: idAt === payloadAt ? 0 : bytes.readUInt16BE(idAt),
  };
}

const topicOf = (bytes: Buffer, { topicAt, idAt }: Packet) => bytes.toString('utf8', topicAt, idAt);

/** Where a packet and its parts begin. Those of anything but a PUBLISH at QoS 0 or 1 mean nothing; at QoS 0 there is no id. */
interface Packet {
  readonly isMessage: boolean;
  readonly flags: number;
  readonly at: number;
  readonly topicAt: number;
  readonly idAt: number;
  readonly payloadAt: number;
  readonly end: number;
}

/** @returns `undefined` when too little of it is there */
function readPacket(bytes: Buffer, at: number): Packet | undefined {
  let length = 0;
  let bodyAt = at + 1;
  for (let n = 0; ; n += 1) {
    // No such length exists: all that is here is the library's to refuse.
    if (n === MAX_LENGTH_BYTES) return otherPacket(at, bytes.length);
    const byte = bytes[bodyAt];
    if (byte === undefined) return undefined;
    bodyAt += 1;
    length += (byte & 0x7f) << (7 * n);
    if (byte < 0x80) break;
  }
  const end = bodyAt + length;
  const flags = bytes[at] ?? 0;
  const qos = (flags >> 1) & 3;
  const topicAt = bodyAt + 2;
  if (flags >> 4 !== PUBLISH || qos > 1 || topicAt > end) return otherPacket(at, end);
  if (topicAt > bytes.length) return undefined;
  const idAt = topicAt + bytes.readUInt16BE(bodyAt);
  const payloadAt = idAt + 2 * qos;
  if (payloadAt > end) return otherPacket(at, end);
  return { isMessage: true, flags, at, topicAt, idAt, payloadAt, end };
}

function otherPacket(at: number, end: number): Packet {
  return { isMessage: false, flags: 0, at, topicAt: end, idAt: end, payloadAt: end, end };
}
