import type { Writable } from 'node:stream';

/** Answered messages at the front are let go when they are so many, and half of all. */
const TIDY_AT = 4096;

/** A message at QoS 1, at its place among those that came over its connection. */
export interface Arrived {
  readonly messageId: number;
  isAcknowledged: boolean;
}

/**
 * Acknowledges messages of one connection in the order in which they came, as the protocol demands (MQTT-4.6.0-2): one that is
 * stored before an older one waits for it. Mosquitto 2.0.11 counts on that; with gaps it lets new messages overtake
 * what it has queued, by thousands. What can go goes out in one piece at the end of the turn.
 *
 * Messages are told apart by their place and not by their ids: that broker uses one again before it is answered, where
 * more than 65,535 are under way.
 */
export class PubackWriter {
  readonly #stream: Writable;
  /** In the order in which they came; those before `#first` are answered. */
  #arrived: Arrived[] = [];
  #first = 0;
  #isFlushing = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** A message has come, and will be acknowledged. */
  expect(arrived: Arrived): void {
    this.#arrived.push(arrived);
  }

  /** Is answered when all that came before it is. */
  acknowledge(arrived: Arrived): void {
    arrived.isAcknowledged = true;
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    process.nextTick(() => this.#flush());
  }

  /** Nothing comes any more: answers all that is acknowledged, also behind what isn't. */
  end(): void {
    this.#write(this.#arrived.slice(this.#first).filter(({ isAcknowledged }) => isAcknowledged));
  }

  #flush(): void {
    this.#isFlushing = false;
    const from = this.#first;
    while (this.#arrived[this.#first]?.isAcknowledged === true) this.#first += 1;
    this.#write(this.#arrived.slice(from, this.#first));
    if (this.#first < TIDY_AT || this.#first * 2 < this.#arrived.length) return;
    this.#arrived = this.#arrived.slice(this.#first);
    this.#first = 0;
  }

  #write(answered: readonly Arrived[]): void {
    if (answered.length === 0 || !this.#stream.writable) return;
    const packets = Buffer.allocUnsafe(answered.length * 4);
    for (const [index, { messageId }] of answered.entries())
      packets.writeUInt32BE(0x4002_0000 + messageId, index * 4);
    this.#stream.write(packets);
  }
}
