import { Pause } from '../agent/pause.ts';
import type { BrokerLink, ConnectBroker } from '../broker/broker-link.ts';

/**
 * Stands between an agent and its broker and makes it hang or turn a deaf ear, without the agent knowing. The connection
 * itself, pings and acknowledgements of the protocol included, goes on.
 */
export class LinkFaults {
  #hang: Pause | null = null;
  #ignoresCommands = false;
  #link: BrokerLink | null = null;

  get isHanging(): boolean {
    return this.#hang !== null;
  }

  /** The newest link, past all faults. */
  get link(): BrokerLink | null {
    return this.#link;
  }

  /** From now on nothing is sent, and what arrives waits, until `recover`. */
  hang(): void {
    this.#hang ??= new Pause();
  }

  /** From now on commands vanish without an answer, until `recover`; everything else goes on. */
  ignoreCommands(): void {
    this.#ignoresCommands = true;
  }

  recover(): void {
    this.#hang?.end();
    this.#hang = null;
    this.#ignoresCommands = false;
  }

  /** `connect` with these faults in between. */
  around(connect: ConnectBroker): ConnectBroker {
    return async (options) => {
      const link = await connect({
        ...options,
        onMessage: async (payload, topic) => {
          if (this.#ignoresCommands) return;
          if (this.#hang === null) return options.onMessage(payload, topic);
          // The broker is told that it was taken: a pending message would stop the pings too.
          void this.#hang.ended.then(() => options.onMessage(payload, topic));
        },
      });
      this.#link = link;
      void link.closed.then(() => {
        if (this.#link === link) this.#link = null;
      });
      return {
        closed: link.closed,
        subscribe: (topics) => link.subscribe(topics),
        close: () => link.close(),
        cut: () => link.cut(),
        publish: async (message) => {
          await this.#hang?.ended;
          return link.publish(message);
        },
      };
    };
  }
}
