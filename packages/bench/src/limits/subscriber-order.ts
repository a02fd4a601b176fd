export interface SubscriberOrder {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly filters: readonly string[];
  /** It is done when it has received so many. */
  readonly messages: number;
  /** Of the database, where it writes; only for the one that does. */
  readonly databaseUrl?: string;
}
