import { forEachBounded } from '../for-each-bounded.ts';
import { claimRepeat, findClaimable, findRepeatable } from './claim.ts';
import { type OutboxDeps, publishCommand, sendCommand } from './publish-command.ts';
import { publishDelaySeconds } from './publish-delay.ts';
import { isSendable } from './send-window.ts';

/** Commands of different clients are sent at the same time, at most this many. */
const CONCURRENCY = 16;

export interface OutboxCounts {
  readonly published: number;
  readonly unconfirmed: number;
  readonly repeated: number;
}

export interface PassOptions {
  readonly limit: number;
  readonly stopping?: AbortSignal;
}

/**
 * One pass of the outbox: sends what is queued and overdue, takes over lapsed claims, and repeats what no device has
 * acknowledged. Does nothing while the broker is away: what is queued then stays queued.
 * @param options.limit most commands of each kind in this pass
 * @param options.stopping when aborted, nothing more is begun
 */
export async function publishDueCommands(deps: OutboxDeps, options: PassOptions): Promise<OutboxCounts> {
  const { limit } = options;
  if (!deps.broker.connected) return { published: 0, unconfirmed: 0, repeated: 0 };
  const outcomes = await forEachBounded(
    await findClaimable(deps.pool, limit),
    (id) => publishCommand(deps, id),
    { ...options, concurrency: CONCURRENCY },
  );
  const repeats = await forEachBounded(
    await findRepeatable(deps.pool, limit),
    (id) => repeatCommand(deps, id),
    { ...options, concurrency: CONCURRENCY },
  );
  return {
    published: outcomes.filter((outcome) => outcome === 'published').length,
    unconfirmed: [...outcomes, ...repeats].filter((outcome) => outcome === 'unknown').length,
    repeated: repeats.filter((outcome) => outcome === 'repeated').length,
  };
}

/** Sends a published command again. Its status stays; the timeline tells of the repetition. */
async function repeatCommand(
  deps: OutboxDeps,
  commandId: string,
): Promise<'repeated' | 'unknown' | 'not_claimed'> {
  if (!deps.broker.connected) return 'not_claimed';
  const askedAtMs = performance.now();
  const command = await claimRepeat(deps.pool, commandId);
  if (command === undefined || !isSendable(command, askedAtMs)) return 'not_claimed';
  try {
    await sendCommand(deps, command);
  } catch (error) {
    deps.logger.warn('command not repeated', { command_id: command.commandId, error });
    return 'unknown';
  }
  await deps.pool.query(
    `WITH repeated AS (
       UPDATE client_commands SET publish_count = publish_count + 1,
         next_publish_at = CASE WHEN status = 'published' THEN clock_timestamp() + make_interval(secs => $3) END
       WHERE command_id = $1 AND publish_attempt = $2 RETURNING command_id, status, publish_count
     )
     INSERT INTO client_command_events (command_id, kind, from_status, to_status, source, actor, detail)
     SELECT command_id, 'republished', status, status, 'publisher', $4, 'sent ' || publish_count || ' times' FROM repeated`,
    [
      command.commandId,
      command.publishAttempt,
      publishDelaySeconds(command.publishAttempt, Math.random()),
      deps.instance,
    ],
  );
  return 'repeated';
}
