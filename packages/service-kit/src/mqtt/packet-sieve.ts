/** What is known of a message before it is read as a whole. */
export interface MessageHead {
  readonly topic: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly payloadBytes: number;
  /** The first bytes of the payload, 512 at most. Valid only during the call. */
  readonly payloadHead: Uint8Array;
}

/** Whether the message is dealt with, by its head alone: then it is acknowledged, and nothing more of it is read. */
export type ShedMessage = (head: MessageHead) => boolean;

/** Called for each message at QoS 1, in the order in which they come. */
export type NoteArrival = (messageId: number, isShed: boolean) => void;

const PUBLISH = 3;
const MAX_HEAD_BYTES = 512;
const MAX_LENGTH_BYTES = 4;

/**
 * Takes messages out of the bytes of an MQTT 3.1.1 connection before a client library parses them: what isn't wanted costs
 * a hundredth of what it does there. Keeps to the borders of packets; bytes that aren't MQTT are passed on, for the library to
 * complain about. A packet whose head isn't whole yet is held back until the next bytes come.
 */
export class PacketSieve {
  readonly #shed: ShedMessage;
  readonly #arrived: NoteArrival;
  #carry: Buffer | undefined;
  /** Of the packet that has begun, what is still to come. */
  #left = 0;
  #isLeftShed = false;
  #parts: Buffer[] = [];

  constructor(shed: ShedMessage, arrived: NoteArrival) {
    this.#shed = shed;
    this.#arrived = arrived;
  }

  /**
   * @param chunk the next bytes of the connection
   * @returns what is to be read as ever; `undefined` where nothing is left
   */
  feed(chunk: Buffer): Buffer | undefined {
    const bytes = this.#carry === undefined ? chunk : Buffer.concat([this.#carry, chunk]);
    this.#carry = undefined;
    this.#parts = [];
    for (let at = 0; at < bytes.length; ) {
      if (this.#left === 0 && !this.#begin(bytes, at)) {
        this.#carry = Buffer.from(bytes.subarray(at));
        break;
      }
      const end = Math.min(bytes.length, at + this.#left);
      if (!this.#isLeftShed) this.#pass(bytes, at, end);
      this.#left -= end - at;
      at = end;
    }
    return joined(this.#parts);
  }

  /** Decides on the packet that begins at `at`. @returns false when too little of it is there */
  #begin(bytes: Buffer, at: number): boolean {
    const header = readHeader(bytes, at);
    if (header === undefined) return false;
    this.#left = header.end - at;
    this.#isLeftShed = false;
    const flags = bytes[at] ?? 0;
    const qos = (flags >> 1) & 3;
    if (flags >> 4 !== PUBLISH || qos > 1) return true;
    if (header.bodyAt + 2 > header.end) return true;
    if (header.bodyAt + 2 > bytes.length) return this.#notYet();
    const topicEnd = header.bodyAt + 2 + bytes.readUInt16BE(header.bodyAt);
    const payloadAt = topicEnd + (qos === 0 ? 0 : 2);
    if (payloadAt > header.end) return true;
    const headEnd = Math.min(header.end, payloadAt + MAX_HEAD_BYTES);
    if (headEnd > bytes.length) return this.#notYet();
    this.#isLeftShed = this.#shed({
      topic: bytes.toString('utf8', header.bodyAt + 2, topicEnd),
      qos: qos === 0 ? 0 : 1,
      retain: (flags & 1) === 1,
      dup: (flags & 8) === 8,
      payloadBytes: header.end - payloadAt,
      payloadHead: bytes.subarray(payloadAt, headEnd),
    });
    if (qos === 1) this.#arrived(bytes.readUInt16BE(topicEnd), this.#isLeftShed);
    return true;
  }

  #notYet(): false {
    this.#left = 0;
    return false;
  }

  /** Neighbours are passed on as one piece. */
  #pass(bytes: Buffer, from: number, to: number): void {
    const last = this.#parts.at(-1);
    const isNeighbour =
      last !== undefined &&
      last.buffer === bytes.buffer &&
      last.byteOffset + last.length === bytes.byteOffset + from;
    if (isNeighbour) this.#parts[this.#parts.length - 1] = bytes.subarray(from - last.length, to);
    else this.#parts.push(bytes.subarray(from, to));
  }
}

/** Where the body of a packet begins and where the packet ends; `undefined` when its length isn't whole yet. */
function readHeader(
  bytes: Buffer,
  at: number,
): { readonly bodyAt: number; readonly end: number } | undefined {
  let length = 0;
  for (let n = 0; n < MAX_LENGTH_BYTES; n += 1) {
    const byte = bytes[at + 1 + n];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) << (7 * n);
    if (byte < 0x80) return { bodyAt: at + 2 + n, end: at + 2 + n + length };
  }
  // No such length exists: all that is here is the library's to refuse.
  return { bodyAt: bytes.length, end: bytes.length };
}

function joined(parts: readonly Buffer[]): Buffer | undefined {
  return parts.length > 1 ? Buffer.concat(parts) : parts[0];
}
