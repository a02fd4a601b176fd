import { setTimeout as delay } from 'node:timers/promises';
import { missingMigrations, type Queryable } from '@infoscreen/prisma';
import type { Logger } from '../logging/logger.ts';
import { StartRefusedError } from '../settings/start-refused-error.ts';

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 5000;

/** Answers of a database that waiting doesn't change, by SQLSTATE. */
const REFUSALS: Readonly<Record<string, string>> = {
  '28P01': 'The database refused the password: check the user and the password in DATABASE_URL.',
  '28000': 'The database refused the login: check the user in DATABASE_URL and the rules of the database.',
  '3D000': 'The database that DATABASE_URL names does not exist: create it, or correct the name.',
  '42501': 'The user of DATABASE_URL may not read the schema: grant it, or use the right user.',
};

export interface SchemaCheckOptions {
  readonly logger?: Logger;
  /** Ends the waiting; then the promise rejects. */
  readonly signal?: AbortSignal;
}

/**
 * Makes sure that the database has the schema of this version; waits, with backoff, while it can't be reached.
 * @throws StartRefusedError with one sentence that says what to do
 */
export async function checkSchema(
  pool: Queryable,
  { logger, signal }: SchemaCheckOptions = {},
): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    signal?.throwIfAborted();
    const missing = await missingOrUnreachable(pool, tries === 0 ? logger : undefined);
    if (missing !== undefined) {
      if (tries > 0) logger?.info('database reached');
      if (missing.length === 0) return;
      throw new StartRefusedError(
        `The database lacks ${missing.length} migration${missing.length === 1 ? '' : 's'} (${missing.join(', ')}): run the migrate step first, node prisma/dist/migrate-main.js.`,
      );
    }
    const pauseMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(tries, 10));
    await delay(pauseMs, undefined, signal === undefined ? {} : { signal });
  }
}

async function missingOrUnreachable(
  pool: Queryable,
  logger?: Logger,
): Promise<readonly string[] | undefined> {
  try {
    return await missingMigrations(pool);
  } catch (error) {
    const refusal = REFUSALS[String((error as { code?: unknown }).code)];
    if (refusal !== undefined) throw new StartRefusedError(refusal);
    logger?.warn('database not reached, trying again', { error });
    return undefined;
  }
}
