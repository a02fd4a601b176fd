import { inOneRoundTrip, perPool, prepared, StatementBatches } from '@infoscreen/prisma';
import type pg from 'pg';
import { COMMAND_COLUMNS, type StoredCommand, toStoredCommand } from '../stored-command.ts';
import { moveStatement } from '../transition/move-commands.ts';
import { publishDelaySeconds } from './publish-delay.ts';

const MAX_BATCH = 200;

interface Sent {
  readonly command: StoredCommand;
  /** Of the process that sent it. */
  readonly instance: string;
}

interface Marked {
  readonly command: StoredCommand | undefined;
}

/** Commands that the broker takes together are marked together. */
const batchesOf = perPool(
  (pool) =>
    new StatementBatches<Sent, Marked>({
      run: (sent) => markTogether(pool, sent, { skipsLocked: true }),
      maxItems: MAX_BATCH,
      keyOf: ({ command }) => command.commandId,
    }),
);

/**
 * Nothing moves when a device has been faster than the broker's acknowledgement, but the publish counts all the same.
 * Neither happens when another attempt has taken over: that one counts its own.
 * @returns the command as it stands then; `undefined` where another attempt has taken over
 */
export async function markPublished(
  { pool, instance }: { readonly pool: pg.Pool; readonly instance: string },
  command: StoredCommand,
): Promise<StoredCommand | undefined> {
  const sent = { command, instance };
  const marked = await batchesOf(pool).add(sent);
  if (marked.command !== undefined) return marked.command;
  // A row that somebody else held: no batch waits for it, this does.
  const [later] = await markTogether(pool, [sent], { skipsLocked: false });
  return later?.command;
}

/** Both statements go out together: the second one counts what the first one could not move. */
async function markTogether(
  pool: pg.Pool,
  sent: readonly Sent[],
  options: { readonly skipsLocked: boolean },
): Promise<readonly Marked[]> {
  const results = await inOneRoundTrip(pool, [moveToPublished(sent, options), countPublish(sent, options)]);
  const rows = results.flatMap((result) => result.rows);
  const marked = new Map(rows.map((row) => [row.command_id, toStoredCommand(row)]));
  return sent.map(({ command }) => ({ command: marked.get(command.commandId) }));
}

function moveToPublished(
  sent: readonly Sent[],
  { skipsLocked }: { readonly skipsLocked: boolean },
): pg.QueryConfig {
  return moveStatement({
    rows: sent.map(({ command: { commandId, publishAttempt }, instance }) => ({
      commandId,
      event: 'broker_ack' as const,
      actor: instance,
      publishAttempt,
    })),
    source: 'publisher',
    columns: {
      attempt: ['int', ({ publishAttempt }) => publishAttempt],
      delay: ['float8', ({ publishAttempt }) => publishDelaySeconds(publishAttempt, Math.random())],
    },
    guard: 'c.publish_attempt = t.attempt',
    set: `published_at = clock_timestamp(), publish_count = c.publish_count + 1, lease_until = NULL,
      next_publish_at = clock_timestamp() + make_interval(secs => t.delay)`,
    skipsLocked,
  });
}

/** Of what a device has moved before; not of what this transaction has moved, and so counted, itself. */
function countPublish(
  sent: readonly Sent[],
  { skipsLocked }: { readonly skipsLocked: boolean },
): pg.QueryConfig {
  return prepared(
    `WITH before AS MATERIALIZED (
       SELECT c.command_id FROM client_commands c
       JOIN unnest($1::uuid[], $2::int[]) AS t (command_id, attempt) USING (command_id)
       WHERE c.publish_attempt = t.attempt AND c.status <> 'publish_in_progress' AND c.xmin <> pg_current_xact_id()::xid
       ORDER BY c.command_id FOR UPDATE OF c${skipsLocked ? ' SKIP LOCKED' : ''}
     )
     UPDATE client_commands c SET publish_count = c.publish_count + 1
     FROM before b WHERE c.command_id = b.command_id
     RETURNING ${COMMAND_COLUMNS.map((column) => `c.${column}`).join(', ')}`,
    [sent.map(({ command }) => command.commandId), sent.map(({ command }) => command.publishAttempt)],
  );
}
