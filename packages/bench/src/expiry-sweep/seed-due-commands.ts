import type { TestDatabase } from '@infoscreen/test-kit';

/** Only these, all published and past their time: no others are left. */
export async function seedDueCommands(
  database: TestDatabase,
  uuids: readonly string[],
  commands: number,
): Promise<void> {
  await database.asOwner('TRUNCATE client_commands, client_command_events, change_log CASCADE');
  await database.asOwner(
    `INSERT INTO client_commands (command_id, client_uuid, action, status, requested_by, counts_for_lockout, boot_id, created_at,
       expires_at, publish_attempt, publish_count, published_at, next_publish_at)
     SELECT gen_random_uuid(), ($1::uuid[])[n % cardinality($1::uuid[]) + 1], 'restart_app', 'published', 'bench', true, 'boot',
       clock_timestamp() - interval '1 hour', clock_timestamp() - make_interval(secs => 60 + n % 1000), 1, 1,
       clock_timestamp() - interval '1 hour', clock_timestamp() - interval '30 minutes'
     FROM generate_series(1, $2) AS n`,
    [uuids, commands],
  );
  await database.asOwner('TRUNCATE change_log');
  await database.asOwner('VACUUM ANALYZE client_commands, client_command_events');
  // So that no measurement pays for what was written before it.
  await database.asOwner('CHECKPOINT');
}
