import type { BrokerLink, OutgoingMessage } from './broker-link.ts';

interface Entry {
  readonly message: OutgoingMessage;
  readonly confirm: () => void;
}

/** More can't be unconfirmed in an honest outage; beyond it the oldest go, and heartbeat and health make them good. */
const MAX_UNCONFIRMED = 256;

/**
 * Messages that must reach the broker, in order. Each is sent until a PUBACK confirms it, over as many connections as
 * that takes: a message may so arrive twice, and never not at all while the process lives.
 */
export class Outbox {
  readonly #entries: Entry[] = [];
  #link: BrokerLink | null = null;
  #isSending = false;

  /** @returns a promise that resolves at the PUBACK, however late, and never rejects */
  add(message: OutgoingMessage): Promise<void> {
    return new Promise((resolve) => {
      this.#entries.push({ message, confirm: resolve });
      if (this.#entries.length > MAX_UNCONFIRMED) this.#entries.shift();
      void this.#send();
    });
  }

  /** The link to send over from now on; `null` while there is none. */
  useLink(link: BrokerLink | null): void {
    this.#link = link;
    void this.#send();
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    let entry = this.#entries[0];
    while (this.#link !== null && entry !== undefined) {
      const link = this.#link;
      const isConfirmed = await link.publish(entry.message).then(
        () => true,
        () => false,
      );
      if (isConfirmed) this.#confirm(entry);
      else if (link === this.#link) {
        // No answer from a link that looks alive is a broken link: the next one sends again.
        link.cut();
        this.#link = null;
      }
      entry = this.#entries[0];
    }
    this.#isSending = false;
  }

  #confirm(entry: Entry): void {
    const index = this.#entries.indexOf(entry);
    if (index >= 0) this.#entries.splice(index, 1);
    entry.confirm();
  }
}
