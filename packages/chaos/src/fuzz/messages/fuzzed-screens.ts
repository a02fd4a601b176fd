import { issueCommand, type LifecycleSettings } from '@infoscreen/commands';
import fc from 'fast-check';
import type pg from 'pg';

/** Screens of each kind that a message may name. The unknown ones stay unknown: nothing introduces them. */
export interface FuzzedScreens {
  readonly known: readonly string[];
  readonly deleted: readonly string[];
  readonly unknown: readonly string[];
  /** Commands per known screen; not all have any. */
  readonly commands: ReadonlyMap<string, readonly string[]>;
}

const COUNTS = { known: 60, deleted: 20, unknown: 40 };
const WITH_COMMANDS = 30;
const LIFECYCLE: LifecycleSettings = {
  commandTtlSeconds: 3600,
  resultTimeoutSeconds: 3600,
  lockoutMaxCommands: 3,
  lockoutWindowSeconds: 900,
  legacyTopics: true,
};

/** Near the listener's bound, so that a run gets beyond it. */
export const PENDING_BEFORE = 950;

export async function makeFuzzedScreens(pool: pg.Pool, seed: number): Promise<FuzzedScreens> {
  const count = COUNTS.known + COUNTS.deleted + COUNTS.unknown;
  const [uuids = []] = fc.sample(
    fc.uniqueArray(fc.uuid({ version: 4 }), { minLength: count, maxLength: count }),
    { numRuns: 1, seed },
  );
  const known = uuids.slice(0, COUNTS.known);
  const deleted = uuids.slice(COUNTS.known, COUNTS.known + COUNTS.deleted);
  await pool.query('INSERT INTO clients (uuid) SELECT unnest($1::uuid[])', [known]);
  await pool.query('INSERT INTO clients (uuid, deleted_at) SELECT unnest($1::uuid[]), clock_timestamp()', [
    deleted,
  ]);
  await pool.query(
    'INSERT INTO clients (uuid, pending) SELECT gen_random_uuid(), true FROM generate_series(1, $1)',
    [PENDING_BEFORE],
  );
  const commands = new Map<string, readonly string[]>();
  for (const clientUuid of known.slice(0, WITH_COMMANDS)) {
    commands.set(clientUuid, [await issue(pool, clientUuid), await issue(pool, clientUuid)]);
  }
  // Every second one is still queued, of which no honest screen can know.
  await pool.query(
    `UPDATE client_commands SET status = 'published', published_at = clock_timestamp(), publish_count = 1
     WHERE command_id = ANY ($1::uuid[])`,
    [[...commands.values()].map(([first]) => first)],
  );
  return { known, deleted, unknown: uuids.slice(COUNTS.known + COUNTS.deleted), commands };
}

async function issue(pool: pg.Pool, clientUuid: string): Promise<string> {
  const issued = await issueCommand({ pool }, LIFECYCLE, {
    clientUuid,
    action: 'restart_app',
    reason: null,
    requestedBy: 'fuzz',
    requestedByUserId: null,
    requestId: null,
    idempotencyKey: null,
    source: 'api',
  });
  if (issued.outcome !== 'queued') throw new Error(`a command was not issued: ${issued.outcome}`);
  return issued.command.commandId;
}
