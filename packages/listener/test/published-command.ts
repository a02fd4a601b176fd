import { issueCommand, publishCommand } from '@infoscreen/commands';
import type { CommandAction } from '@infoscreen/shared-types';
import type pg from 'pg';

export const lifecycle = {
  commandTtlSeconds: 240,
  resultTimeoutSeconds: 300,
  lockoutMaxCommands: 3,
  lockoutWindowSeconds: 900,
  legacyTopics: true,
};

/** A command that a broker took. @returns its id */
export async function publishedCommand(
  pool: pg.Pool,
  clientUuid: string,
  action: CommandAction = 'restart_app',
): Promise<string> {
  const issued = await issueCommand({ pool }, lifecycle, {
    clientUuid,
    action,
    reason: null,
    requestedBy: 'tester',
    requestedByUserId: null,
    requestId: null,
    idempotencyKey: null,
    source: 'api',
  });
  if (issued.outcome !== 'queued') throw new Error(issued.outcome);
  const logger = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
  const broker = { connected: true, publish: () => Promise.resolve() };
  await publishCommand(
    { pool, broker, settings: lifecycle, instance: 'test', logger },
    issued.command.commandId,
  );
  return issued.command.commandId;
}
