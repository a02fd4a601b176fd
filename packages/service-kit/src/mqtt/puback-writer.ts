import type { Writable } from 'node:stream';

/** Acknowledges messages of one connection: those of one turn go out in one piece. */
export class PubackWriter {
  readonly #socket: Writable;
  #ids: number[] = [];

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  add(messageId: number): void {
    if (this.#ids.length === 0) process.nextTick(() => this.flush());
    this.#ids.push(messageId);
  }

  /** Writes at once what waits for the end of the turn. */
  flush(): void {
    const bytes = pubacksOf(this.#ids);
    this.#ids = [];
    if (bytes !== undefined && this.#socket.writable) this.#socket.write(bytes);
  }
}

/** PUBACKs of these message ids in one piece; `undefined` where there are none. Pure. */
export function pubacksOf(ids: readonly number[]): Buffer | undefined {
  if (ids.length === 0) return undefined;
  const packets = Buffer.allocUnsafe(ids.length * 4);
  for (const [index, id] of ids.entries()) packets.writeUInt32BE(0x4002_0000 + id, index * 4);
  return packets;
}
