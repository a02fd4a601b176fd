import pg from 'pg';
import { onConnection, READ_COMMITTED } from './database.ts';

/**
 * Runs statements in one READ COMMITTED transaction and in one round trip: they are sent together, and none waits here for
 * the answer to the one before it. Each sees what was committed before it began, as in `inTransaction`, and what those before
 * it did. Where one fails, those after it don't run, and nothing of any of them stays.
 * @returns their results, in their order, after the commit
 */
export function inOneRoundTrip(
  pool: pg.Pool,
  statements: readonly pg.QueryConfig[],
): Promise<readonly pg.QueryResult[]> {
  return onConnection(pool, async (client) => {
    const all = [{ text: READ_COMMITTED }, ...statements, { text: 'COMMIT' }];
    const results = await new Promise<readonly pg.QueryResult[]>((resolve, reject) => {
      client.query(new Pipeline(all, (error, answers) => (error ? reject(error) : resolve(answers ?? []))));
    });
    return results.slice(1, -1);
  });
}

/** What a client of `pg` tells the query that it works on; also what `pg.Query` understands. */
interface Handlers {
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
  handleReadyForQuery(connection: Connection): void;
}

interface Part extends Handlers {
  readonly name: string | undefined;
  readonly text: string;
  submit(connection: Connection): Error | null;
}

interface Connection extends pg.Connection {
  readonly submittedNamedStatements: Record<string, string>;
}

type Finish = (error: Error | null | undefined, results?: readonly pg.QueryResult[]) => void;

/** Statements with a single Sync behind the last one: PostgreSQL skips all that follows an error up to there. */
class Pipeline implements pg.Submittable, Handlers {
  /** `pg` puts its own around it, for the time that a statement may take. */
  callback: Finish;
  readonly statements: readonly pg.QueryConfig[];
  readonly #parts: readonly Part[];
  readonly #results: pg.QueryResult[] = [];
  #answered = 0;
  #failure: Error | undefined;

  constructor(statements: readonly pg.QueryConfig[], callback: Finish) {
    this.callback = callback;
    this.statements = statements;
    const answer = (error: Error | null | undefined, result: pg.QueryResult) => {
      if (error) this.#failure ??= error;
      else this.#results.push(result);
    };
    this.#parts = statements.map((statement) => {
      // With a name or not, none is sent as a simple query, which would be a Sync by itself.
      const extended = { ...statement, queryMode: 'extended' };
      return new pg.Query(extended, answer as never) as unknown as Part;
    });
  }

  /** Of the part that is being answered: `pg` notes under it what the connection has prepared. */
  get name(): string | undefined {
    return this.#parts[this.#answered]?.name;
  }
  get text(): string | undefined {
    return this.#parts[this.#answered]?.text;
  }

  submit(connection: pg.Connection): void {
    const withoutSync = Object.create(connection, { sync: { value: () => {} } }) as Connection;
    connection.stream.cork();
    try {
      for (const part of this.#parts) {
        const refusal = part.submit(withoutSync);
        if (refusal) this.#failure = refusal;
        // One that can't even be sent: nothing after it may be, the COMMIT least of all.
        if (this.#failure !== undefined) break;
      }
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
  }

  handleRowDescription(message: unknown): void {
    this.#parts[this.#answered]?.handleRowDescription(message);
  }

  handleDataRow(message: unknown): void {
    this.#parts[this.#answered]?.handleDataRow(message);
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    this.#parts[this.#answered]?.handleCommandComplete(message, connection);
    this.#answered += 1;
  }

  handleError(error: Error, { submittedNamedStatements }: Connection): void {
    // What was skipped was not prepared either.
    for (const { name } of this.#parts) if (name !== undefined) delete submittedNamedStatements[name];
    this.callback(error);
  }

  handleReadyForQuery(connection: Connection): void {
    for (const part of this.#parts.slice(0, this.#answered)) part.handleReadyForQuery(connection);
    this.callback(this.#failure, this.#results);
  }
}
