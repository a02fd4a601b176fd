export interface PreparedServerOrder {
  readonly databaseUrl: string;
  readonly port: number;
  /** Of the sessions' cookies; the same as of the server that made them. */
  readonly sessionSecret: string;
  /** What is answered, by path. */
  readonly bodies: Readonly<Record<string, string>>;
}
