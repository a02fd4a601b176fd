import { inTransaction, type Queryable } from '@infoscreen/prisma';
import type pg from 'pg';
import { type RecoverySettings, STORM_MINIMUM_CLIENTS } from './recovery-settings.ts';

/** Each lane stores a canary every few seconds; older than this, nothing of it is being stored. */
const CANARY_STALE_SECONDS = 20;
/** Nobody has found everything at work for so long: then there was an outage, of the database or of every scheduler. */
const UNWATCHED_SECONDS = 60;

export type OutageVerdict = { readonly quiet: false } | { readonly quiet: true; readonly reason: string };

interface WatchDeps {
  readonly pool: pg.Pool;
  readonly brokerConnected: boolean;
  readonly settings: Pick<RecoverySettings, 'graceSeconds' | 'stormFraction'>;
}

/**
 * Whether recovery must wait, because what looks like crashed screens may be an outage of ours or of a site: while a part
 * of the ingest isn't held or stores nothing, while the broker is away, for one grace period after any of that came
 * back (or after a time in which no scheduler or no database was there to watch), and while very many clients go stale.
 * The verdict is shared by all replicas, in the one row of `recovery_watch`.
 */
export function watchForOutage({ pool, brokerConnected, settings }: WatchDeps): Promise<OutageVerdict> {
  return inTransaction(pool, async (client): Promise<OutageVerdict> => {
    await client.query('SELECT 1 FROM recovery_watch WHERE id = 1 FOR UPDATE');
    const fault = brokerConnected ? await ingestFault(client) : 'the broker is away';
    if (fault !== null) {
      await client.query('UPDATE recovery_watch SET last_healthy_at = NULL, reason = $1 WHERE id = 1', [
        fault,
      ]);
      return { quiet: true, reason: fault };
    }
    if (await isQuietPeriod(client, settings.graceSeconds))
      return { quiet: true, reason: 'one grace period after an outage' };
    return (await isStorm(client, settings))
      ? { quiet: true, reason: 'very many clients went stale together' }
      : { quiet: false };
  });
}

async function ingestFault(db: Queryable): Promise<string | null> {
  const { rows } = await db.query<{ lanes: number; unheld: number; silent: number }>(
    `SELECT count(*)::int AS lanes,
       count(*) FILTER (WHERE holder IS NULL OR lease_until IS NULL OR lease_until <= now())::int AS unheld,
       count(*) FILTER (WHERE least(coalesce(acks_stored_at, '-infinity'), coalesce(telemetry_stored_at, '-infinity'))
         <= now() - make_interval(secs => $1))::int AS silent
     FROM listener_lanes`,
    [CANARY_STALE_SECONDS],
  );
  const ingest = rows[0];
  if (ingest === undefined || ingest.lanes === 0) return 'no listener has ever run';
  if (ingest.unheld > 0) return 'a part of the ingest has no holder';
  return ingest.silent > 0 ? 'a part of the ingest stores nothing' : null;
}

/** All is at work now. If it wasn't a moment ago, a quiet period begins. */
async function isQuietPeriod(db: Queryable, graceSeconds: number): Promise<boolean> {
  const { rows } = await db.query<{ is_quiet: boolean }>(
    `UPDATE recovery_watch SET
       quiet_until = CASE WHEN last_healthy_at IS NULL OR last_healthy_at < now() - make_interval(secs => $2)
         THEN now() + make_interval(secs => $1) ELSE quiet_until END,
       last_healthy_at = now(), reason = NULL
     WHERE id = 1 RETURNING coalesce(quiet_until > now(), false) AS is_quiet`,
    [graceSeconds, UNWATCHED_SECONDS],
  );
  return rows[0]?.is_quiet ?? true;
}

/** Clients that went stale within the last grace period, against those that are alive and those together. */
async function isStorm(
  db: Queryable,
  { graceSeconds, stormFraction }: WatchDeps['settings'],
): Promise<boolean> {
  const { rows } = await db.query<{ stale: number; alive: number }>(
    `SELECT count(*) FILTER (WHERE last_alive <= now() - make_interval(secs => $1))::int AS stale,
       count(*) FILTER (WHERE last_alive > now() - make_interval(secs => $1))::int AS alive
     FROM client_states s JOIN clients c ON c.uuid = s.client_uuid AND c.deleted_at IS NULL
     WHERE last_alive > now() - make_interval(secs => 2 * $1::float8)`,
    [graceSeconds],
  );
  const { stale = 0, alive = 0 } = rows[0] ?? {};
  return stale >= STORM_MINIMUM_CLIENTS && stale >= stormFraction * (stale + alive);
}
