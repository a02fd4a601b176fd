import type { CommandBroker } from '@infoscreen/commands';

interface Held {
  readonly settle: (isTaken: boolean) => void;
  readonly publishing: Promise<unknown>;
}

/** A broker that says nothing until it is told to: what was handed to it may have arrived, or not. */
export class StallingBroker {
  #held: Held[] = [];

  /** Publishes through it. @returns `stalled` when the message was handed over, else what publishing came to */
  async reach(publish: (broker: CommandBroker) => Promise<string>): Promise<string> {
    let settle: (isTaken: boolean) => void = () => {};
    const answer = new Promise<void>((resolve, reject) => {
      settle = (isTaken) => (isTaken ? resolve() : reject(new Error('no acknowledgement')));
    });
    answer.catch(() => {});
    let handedOver: (outcome: 'stalled') => void = () => {};
    const stalled = new Promise<'stalled'>((resolve) => {
      handedOver = resolve;
    });
    const broker: CommandBroker = {
      connected: true,
      publish: () => {
        // Both topics of a command share the answer.
        if (!this.#held.includes(held)) this.#held.push(held);
        handedOver('stalled');
        return answer;
      },
    };
    // The publisher asks the database before it hands anything over, so `held` is whole by then.
    const publishing = publish(broker);
    const held: Held = { settle, publishing };
    return await Promise.race([publishing, stalled]);
  }

  /** Answers everything that was handed over until now, and waits for its publishers. */
  async answer(isTaken: boolean): Promise<void> {
    const held = this.#held.splice(0);
    for (const { settle } of held) settle(isTaken);
    await Promise.all(held.map(({ publishing }) => publishing));
  }
}
