import type { BrokerLogin } from '../load/connect-socket.ts';

export interface SubscriberOrder extends BrokerLogin {
  readonly filters: readonly string[];
  /** It is done when it has received so many. */
  readonly messages: number;
  /** Of the database, where it writes; only for the one that does. */
  readonly databaseUrl?: string;
}
