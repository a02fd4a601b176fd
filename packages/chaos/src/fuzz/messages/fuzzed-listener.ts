import {
  eventually,
  type FleetProcess,
  serviceSettings,
  startReplica,
  type TestBroker,
} from '@infoscreen/test-kit';
import type pg from 'pg';

/** A listener that keeps a row of every refused message, and takes any number of one screen; resolves when each of its lanes stores what comes. */
export async function startFuzzedListener(
  broker: TestBroker,
  databaseUrl: string,
  pool: pg.Pool,
): Promise<FleetProcess> {
  const listener = await startReplica('listener', {
    ...serviceSettings(databaseUrl, broker),
    INSTANCE_ID: 'fuzzed-listener',
    REJECTED_ROWS_PER_MINUTE: '1000000',
    CLIENT_MESSAGES_PER_SECOND: '100000',
    CLIENT_MESSAGE_BURST: '1000000',
  });
  await eventually(() => allLanesFlow(pool), { deadlineMs: 30_000, what: 'all lanes of the listener flow' });
  return listener;
}

async function allLanesFlow(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ flowing: boolean }>(
    `SELECT count(*) > 0 AND bool_and(holder IS NOT NULL AND acks_stored_at >= held_since
       AND telemetry_stored_at >= held_since) AS flowing FROM listener_lanes`,
  );
  return rows[0]?.flowing === true;
}
