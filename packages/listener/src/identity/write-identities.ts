import { inTransaction } from '@infoscreen/prisma';
import type pg from 'pg';
import type { ClientIdentity } from './client-identity.ts';
import { writeDiscoveries } from './write-discoveries.ts';
import { type WrittenSessionNews, writeSessionNews } from './write-session-news.ts';

/** What became of one client's news. */
export interface WrittenIdentity extends WrittenSessionNews {
  readonly isNew: boolean;
}

/** Stores something with a batch, in its transaction. */
export type AlsoStore = (db: pg.PoolClient) => Promise<void>;

const LOCKED = {
  isKnown: true,
  isLocked: true,
  bootId: null,
  hasRebooted: false,
  mayProveReboot: false,
  mayProveShutdown: false,
} as const;

/**
 * Stores a batch in one transaction: discoveries first, since one makes the client that all else is about.
 * @param identities in the order of the UUIDs, each client once
 * @returns one entry per client
 */
export function writeIdentities(
  pool: pg.Pool,
  identities: readonly ClientIdentity[],
  also: readonly AlsoStore[] = [],
): Promise<ReadonlyMap<string, WrittenIdentity>> {
  return inTransaction(pool, async (db) => {
    const discovered = await writeDiscoveries(
      db,
      identities.filter(({ discovery }) => discovery !== undefined),
    );
    const made = new Set(discovered.filter(({ isNew }) => isNew).map(({ clientUuid }) => clientUuid));
    const locked = new Set(discovered.filter(({ isLocked }) => isLocked).map(({ clientUuid }) => clientUuid));
    // Of a client whose row is held, nothing: it is all written again.
    const written = await writeSessionNews(
      db,
      identities.filter(({ clientUuid }) => !locked.has(clientUuid)),
    );
    for (const store of also) await store(db);
    return new Map([
      ...written.map((one) => [one.clientUuid, { ...one, isNew: made.has(one.clientUuid) }] as const),
      ...[...locked].map((clientUuid) => [clientUuid, { ...LOCKED, clientUuid, isNew: false }] as const),
    ]);
  });
}
