import type { TestDatabase } from '@infoscreen/test-kit';
import pg from 'pg';

const PER_STATEMENT = 250_000;
/** Out of the lockout's window, and young enough for the retention. */
const AGES = { fromSeconds: 7200, daysBack: 60 } as const;

/**
 * Commands that were completed long ago, spread over the clients and over the last weeks, each with two rows of its timeline.
 * Neither triggers nor references are asked: both hold by themselves.
 */
export async function seedOldCommands(
  database: TestDatabase,
  uuids: readonly string[],
  commands: number,
): Promise<void> {
  const client = new pg.Client({ connectionString: database.ownerUrl, application_name: 'bench' });
  await client.connect();
  try {
    await client.query("SET session_replication_role = 'replica'");
    await client.query("SET synchronous_commit = 'off'");
    await client.query(
      'CREATE TEMPORARY TABLE fleet AS SELECT uuid, n FROM unnest($1::uuid[]) WITH ORDINALITY AS t (uuid, n)',
      [uuids],
    );
    await client.query('CREATE UNIQUE INDEX ON fleet (n)');
    for (let first = 0; first < commands; first += PER_STATEMENT)
      await client.query(SEED_SQL, [
        first,
        Math.min(first + PER_STATEMENT, commands) - 1,
        uuids.length,
        AGES.fromSeconds,
        (AGES.daysBack * 86_400) / commands,
        commands,
      ]);
    await client.query('VACUUM ANALYZE client_commands, client_command_events');
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}

/** Ids begin with their time, as those of the services do. */
const SEED_SQL = `
  WITH made AS MATERIALIZED (
    SELECT k AS n, f.uuid, clock_timestamp() - make_interval(secs => $4::float8 + ($6::bigint - k) * $5::float8) AS at
    FROM generate_series($1::bigint, $2::bigint) AS k JOIN fleet f ON f.n = (k * 7919) % $3::bigint + 1
  ), old AS (
    INSERT INTO client_commands (command_id, client_uuid, action, status, requested_by, counts_for_lockout, boot_id, created_at,
      expires_at, publish_attempt, publish_count, published_at, ack_received_at, execution_started_at, finished_at)
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
        || substr(md5(n::text), 4, 15))::uuid,
      uuid, 'restart_app', 'completed', 'bench', true, 'boot', at, at + interval '240 seconds', 1, 1, at, at, at, at
    FROM made ORDER BY n RETURNING command_id, created_at
  )
  INSERT INTO client_command_events (command_id, kind, from_status, to_status, source, actor, server_time)
  SELECT command_id, 'transition', step.from_status, step.to_status, step.source, 'bench', created_at
  FROM old, (VALUES (NULL, 'queued', 'api'), ('execution_started', 'completed', 'device')) AS step (from_status, to_status, source)`;
