import { setTimeout as delay } from 'node:timers/promises';
import { type Queryable, readSchemaState, SCHEMA_VERSION, type SchemaState } from '@infoscreen/prisma';
import type { Logger } from '../logging/logger.ts';
import { StartRefusedError } from '../settings/start-refused-error.ts';
import { checkAccountRights } from './check-account-rights.ts';

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
  /** Of the services that ask: `SCHEMA_VERSION`. */
  readonly serviceVersion?: number;
}

/**
 * Makes sure that these services may work on the database's schema; waits, with backoff, while it can't be reached.
 * Warns of an account that could change the audit log.
 * @throws StartRefusedError with one sentence that says what to do
 */
export async function checkSchema(
  pool: Queryable,
  { logger, signal, serviceVersion = SCHEMA_VERSION }: SchemaCheckOptions = {},
): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    signal?.throwIfAborted();
    const state = await stateUnlessUnreachable(pool, serviceVersion, tries === 0 ? logger : undefined);
    if (state !== undefined) {
      if (tries > 0) logger?.info('database reached');
      if (state.fit === 'ready') {
        if (logger !== undefined) await checkAccountRights(pool, logger);
        return;
      }
      throw new StartRefusedError(refusalOf(state, serviceVersion));
    }
    const pauseMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(tries, 10));
    // Full jitter: replicas that lost the database in one moment don't come back in one.
    await delay(Math.random() * pauseMs, undefined, signal === undefined ? {} : { signal });
  }
}

async function stateUnlessUnreachable(
  pool: Queryable,
  serviceVersion: number,
  logger?: Logger,
): Promise<SchemaState | undefined> {
  try {
    return await readSchemaState(pool, serviceVersion);
  } catch (error) {
    const refusal = REFUSALS[String((error as { code?: unknown }).code)];
    if (refusal !== undefined) throw new StartRefusedError(refusal);
    logger?.warn('database not reached, trying again', { error });
    return undefined;
  }
}

function refusalOf(state: Exclude<SchemaState, { fit: 'ready' }>, serviceVersion: number): string {
  if (state.fit === 'too_new')
    return `The database's schema (version ${state.version}) takes services of version ${state.minCompatibleVersion} or newer, and this one has version ${serviceVersion}: run a newer release.`;
  const names = state.missing.length === 0 ? '' : ` (${state.missing.join(', ')})`;
  return `The database's schema has version ${state.version}, and this service needs version ${serviceVersion}${names}: run the migrate step first, node prisma/dist/migrate-main.js.`;
}
