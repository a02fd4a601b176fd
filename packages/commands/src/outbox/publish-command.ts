import { commandMessage, commandTopics } from '@infoscreen/shared-types';
import type pg from 'pg';
import type { LifecycleSettings } from '../lifecycle-settings.ts';
import type { StoredCommand } from '../stored-command.ts';
import { claimCommand } from './claim.ts';
import type { CommandBroker, OutboxLogger } from './command-broker.ts';
import { markPublished } from './mark-published.ts';
import { publishDelaySeconds } from './publish-delay.ts';
import { isSendable } from './send-window.ts';

/** Time for the broker's acknowledgement; well below the lease, so that a claim is never published by two at once. */
export const PUBLISH_TIMEOUT_MS = 5000;

export interface OutboxDeps {
  readonly pool: pg.Pool;
  readonly broker: CommandBroker;
  readonly settings: LifecycleSettings;
  /** Names this process in the timeline. */
  readonly instance: string;
  readonly logger: OutboxLogger;
}

/** `unknown`: it was sent, or may have been, but the broker's acknowledgement didn't come; it is tried again. */
export type PublishOutcome = 'published' | 'unknown' | 'not_claimed' | 'not_connected';

/**
 * Publishes one stored command: claim with a lease, send, wait for the broker, mark; each step fenced by the attempt.
 * A process that dies anywhere in between leaves a command that another takes over, with the same id, when the lease
 * has lapsed. Nothing is claimed while the broker is away.
 */
export async function publishCommand(deps: OutboxDeps, commandId: string): Promise<PublishOutcome> {
  if (!deps.broker.connected) return 'not_connected';
  const askedAtMs = performance.now();
  const command = await claimCommand(deps.pool, commandId, deps.instance);
  if (command === undefined) return 'not_claimed';
  return (await publishClaimed(deps, command, askedAtMs)).outcome;
}

/**
 * The same from the claim on, for a command that this process has claimed.
 * @param askedAtMs when it asked for the claim, by `performance.now()`
 * @returns the command as it stands then, where that is known without another look
 */
export async function publishClaimed(
  deps: OutboxDeps,
  command: StoredCommand,
  askedAtMs: number,
): Promise<{ readonly outcome: PublishOutcome; readonly command?: StoredCommand }> {
  const { commandId } = command;
  if (!isSendable(command, askedAtMs)) return { outcome: 'not_claimed' };
  try {
    await sendCommand(deps, command);
  } catch (error) {
    deps.logger.warn('command not confirmed by the broker', { command_id: commandId, error });
    await postponeClaim(deps.pool, command);
    return { outcome: 'unknown' };
  }
  const marked = await markPublished(deps, command);
  deps.logger.info('command published', {
    command_id: commandId,
    client_uuid: command.clientUuid,
    attempt: command.publishAttempt,
  });
  return { outcome: 'published', ...(marked === undefined ? {} : { command: marked }) };
}

/** Sends the command's bytes on each of its topics; a legacy agent's at QoS 0, so that no queue can run it again. */
export async function sendCommand({ broker, settings }: OutboxDeps, command: StoredCommand): Promise<void> {
  const payload = JSON.stringify(commandMessage(command));
  const qos = command.bootId === null ? 0 : 1;
  const topics = commandTopics(command.clientUuid, { legacy: settings.legacyTopics });
  await Promise.all(topics.map((topic) => broker.publish(topic, payload, { qos }, PUBLISH_TIMEOUT_MS)));
}

/** The claim stays, since its fate is unknown; it may be taken over after the delay, by anyone. */
async function postponeClaim(pool: pg.Pool, command: StoredCommand): Promise<void> {
  await pool.query(
    `UPDATE client_commands SET lease_until = clock_timestamp() + make_interval(secs => $3),
       next_publish_at = clock_timestamp() + make_interval(secs => $3)
     WHERE command_id = $1 AND publish_attempt = $2 AND status = 'publish_in_progress'`,
    [command.commandId, command.publishAttempt, publishDelaySeconds(command.publishAttempt, Math.random())],
  );
}
