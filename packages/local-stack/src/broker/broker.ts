import type { BrokerKind } from '../env.ts';

export interface BrokerOptions {
  /** For its configuration, accounts and state; made when missing, kept between runs. */
  readonly dir: string;
  /** A free one when left out. */
  readonly port?: number;
  /** The account that may write the others. Accounts that were made with another password of its are kept. */
  readonly adminUsername: string;
  readonly adminPassword: string;
  /** Called with each line of the broker's log. */
  readonly onLogLine?: (line: string) => void;
}

/** An MQTT broker that listens on loopback only; it ends with this process at the latest. */
export interface Broker {
  readonly kind: BrokerKind;
  /** Name and version, for people. */
  readonly version: string;
  readonly host: string;
  readonly port: number;
  /** Of the process that runs now. */
  readonly pid: number;
  readonly isRunning: () => boolean;
  readonly stop: () => Promise<void>;
  /** After a signal that ends it, resolves when it is gone. */
  readonly kill: (signal: NodeJS.Signals) => Promise<void>;
  /** Starts it again on the same port and state, after stopping it when it runs. */
  readonly restart: () => Promise<void>;
}
