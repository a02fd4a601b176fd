import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '@infoscreen/test-kit';
import pg from 'pg';

/** Commits of a command on one connection that does nothing else, each in ms. */
export interface CommitFloor {
  readonly insert: () => Promise<number>;
  /** A step of the command that was inserted last. */
  readonly update: () => Promise<number>;
  readonly close: () => Promise<void>;
}

const INSERT = `WITH issued AS (
    INSERT INTO floor_commands (command_id, client_uuid, action, status, requested_by, counts_for_lockout, boot_id, created_at,
      expires_at, next_publish_at)
    VALUES ($1, $2, 'restart_app', 'queued', 'admin', true, 'boot', now(), now() + interval '240 seconds', now()) RETURNING *
  )
  INSERT INTO floor_events (command_id, kind, to_status, source, actor)
  SELECT command_id, 'transition', status, 'api', requested_by FROM issued`;
const UPDATE = `WITH moved AS (
    UPDATE floor_commands SET status = 'published', published_at = now(), publish_count = publish_count + 1
    WHERE command_id = $1 RETURNING *
  )
  INSERT INTO floor_events (command_id, kind, from_status, to_status, source, actor)
  SELECT command_id, 'transition', status, status, 'publisher', 'floor' FROM moved`;

/** The tables of the commands without what hangs on them: the same columns and indexes, no triggers and no references. */
export async function openCommitFloor(database: TestDatabase, clientUuid: string): Promise<CommitFloor> {
  await database.asOwner(`CREATE TABLE floor_commands (LIKE client_commands INCLUDING ALL)`);
  await database.asOwner(`CREATE TABLE floor_events (LIKE client_command_events INCLUDING ALL)`);
  const client = new pg.Client({ connectionString: database.ownerUrl, application_name: 'floor' });
  await client.connect();
  let commandId = '';
  const timed = async (name: string, text: string, values: readonly unknown[]) => {
    const startedAt = performance.now();
    await client.query({ name, text, values: [...values] });
    return performance.now() - startedAt;
  };
  return {
    insert: () => {
      commandId = randomUUID();
      return timed('insert', INSERT, [commandId, clientUuid]);
    },
    update: () => timed('update', UPDATE, [commandId]),
    close: () => client.end(),
  };
}
