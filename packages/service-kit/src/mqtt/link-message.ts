import type { SievedMessage } from './packet-sieve.ts';
import type { Arrived, PubackWriter } from './puback-writer.ts';
import type { ReceivedMessage } from './received-message.ts';

/** One message of one connection; made for each that comes, so it is one object and no more. */
export class LinkMessage implements ReceivedMessage, Arrived {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly receivedAt: Date;
  readonly messageId: number;
  isAcknowledged = false;
  readonly #pubacks: PubackWriter;

  constructor(sieved: SievedMessage, receivedAt: Date, pubacks: PubackWriter) {
    this.topic = sieved.topic;
    // A copy: what waits to be stored must not hold on to the whole read that it came with.
    this.payload = Buffer.from(sieved.payload);
    this.qos = sieved.qos;
    this.retain = sieved.retain;
    this.dup = sieved.dup;
    this.receivedAt = receivedAt;
    this.messageId = sieved.messageId;
    this.#pubacks = pubacks;
    if (this.qos === 1) pubacks.expect(this);
  }

  acknowledge(): void {
    if (this.qos === 1) this.#pubacks.acknowledge(this);
  }
}
