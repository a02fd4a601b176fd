import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import {
  acknowledgeCommand,
  cancelCommand,
  endCommandsOfDeletedClient,
  findCommand,
  findCommands,
  issueAndClaim,
  issueCommand,
  listCommands,
  observeBoot,
  observeOffline,
  observeShutdownStarted,
  publishCommand,
} from '@infoscreen/commands';
import { inTransaction } from '@infoscreen/prisma';
import { createSchedulerLoops, type LoopDeps } from '@infoscreen/scheduler';
import { createMetrics } from '@infoscreen/service-kit';
import type { AckStatus, CommandAction } from '@infoscreen/shared-types';
import {
  createLargeFleetDatabase,
  eventually,
  recordStatements,
  reportScans,
  type ScanException,
} from '@infoscreen/test-kit';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { everythingAtWork, recoveryDeps, SentCommands, useDatabase } from '../scheduler-fixture.ts';

/** docs/performance.md has the time of each. */
const EXCEPTIONS: readonly ScanException[] = [
  {
    by: /^crash_recovery$/,
    tables: ['clients', 'client_states'],
    reason:
      'who is stale or crashed is what heartbeats change: an index would cost every one of them its HOT update',
  },
];

const recorder = recordStatements();
const database = useDatabase(createLargeFleetDatabase);
const quiet = () => undefined;
const logger: LoopDeps['logger'] = {
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
  child: () => logger,
};
const broker = new SentCommands();

// Before each: recovery waits where the canaries of a moment ago are missing, however long the tests before took.
beforeEach(async () => {
  await everythingAtWork(database.pool);
});
afterAll(() => recorder.stop());

const loops = () =>
  createSchedulerLoops({
    ...recoveryDeps(database.pool, broker),
    logger,
    metrics: createMetrics({ service: 'scheduler', instance: 'scheduler-1' }),
    graceSeconds: 180,
    intervalMs: 600_000,
  });

describe('with 100,000 clients', () => {
  it.each(['outbox', 'expiry_sweep', 'effect_sweep', 'crash_recovery', 'unfinished_writes', 'retention'])(
    'the loop %s does its work',
    async (name) => {
      expect(loops().map((loop) => loop.status().name)).toContain(name);
      const loop = loops().find((candidate) => candidate.status().name === name);
      await recorder.during(name, async () => {
        loop?.start();
        await eventually(() => loop?.status().lastSuccessAt !== null, {
          deadlineMs: 25_000,
          what: () => `${name} runs: ${loop?.status().lastError}`,
        });
        await loop?.stop();
      });
    },
  );

  it('there is no other loop', () => {
    expect(loops()).toHaveLength(6);
  });

  it('a command lives its life', async () => {
    const { pool } = database;
    const { settings } = recoveryDeps(pool, broker);
    const [client] = await database.asOwner<{ uuid: string }>(
      `SELECT uuid FROM clients WHERE deleted_at IS NULL AND NOT EXISTS (
         SELECT FROM client_commands WHERE client_uuid = uuid AND created_at > now() - interval '1 day') LIMIT 1`,
    );
    const clientUuid = client?.uuid ?? '';
    await recorder.during('a command', async () => {
      const request = (action: CommandAction) => ({
        clientUuid,
        action,
        reason: null,
        requestedBy: 'anna',
        requestedByUserId: randomUUID(),
        requestId: null,
        idempotencyKey: randomUUID(),
        source: 'api' as const,
      });
      const issue = async (action: CommandAction) => {
        const issued = await issueCommand({ pool }, settings, request(action));
        if (issued.outcome !== 'queued') throw new Error(issued.outcome);
        return issued.command.commandId;
      };
      const commandId = await issue('reboot_host');
      const deps = { pool, broker, settings, instance: 'server-1', logger };
      const acknowledge = (id: string, status: AckStatus) =>
        acknowledgeCommand(
          pool,
          {
            clientUuid,
            commandId: id,
            status,
            errorCode: null,
            errorMessage: null,
            deviceTime: null,
            via: 'ack',
          },
          settings,
        );
      await publishCommand(deps, commandId);
      // A device that is faster than the broker's acknowledgement.
      const quickDevice = {
        connected: true,
        publish: async (_topic: string, payload: string) => {
          await acknowledge((JSON.parse(payload) as { command_id: string }).command_id, 'accepted');
        },
      };
      await publishCommand({ ...deps, broker: quickDevice }, await issue('shutdown_host'));
      const deaf = { connected: true, publish: () => Promise.reject(new Error('no answer')) };
      await publishCommand({ ...deps, broker: deaf }, await issue('shutdown_host'));
      for (const status of ['accepted', 'execution_started', 'completed', 'failed'] as const)
        await acknowledge(commandId, status);
      await observeBoot({ pool }, { clientUuid, bootId: randomUUID() });
      await observeOffline(pool, { clientUuid });
      await observeShutdownStarted(pool, { clientUuid });
      await findCommand(pool, commandId);
      await findCommands(pool, [commandId]);
      await listCommands(pool, { clientUuid, limit: 10 });
      await cancelCommand(pool, { commandId: await issue('shutdown_host'), cancelledBy: 'anna' });
      await issueAndClaim(deps, request('restart_app'));
      await inTransaction(pool, (client) =>
        endCommandsOfDeletedClient(client, { clientUuid, deletedBy: 'anna' }),
      );
    });
  });

  it.each(['scheduler', 'commands'])(
    'every file of %s that asks the database has been seen to do so',
    (name) => {
      const folder = new URL(`../../../${name}/src/`, import.meta.url);
      const asking = readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter(
          (file) => file.endsWith('.ts') && /\.query(<|\()/.test(readFileSync(new URL(file, folder), 'utf8')),
        )
        .map((file) => `packages/${name}/src/${file}`)
        // Its health check asks for nothing.
        .filter((file) => !file.endsWith('start-scheduler.ts'));
      expect(asking.filter((file) => !recorder.sources.has(file))).toEqual([]);
    },
  );

  it('no statement reads a whole large table, but for those that have to', async () => {
    const { unexpected, unneeded } = await reportScans(database.ownerUrl, recorder, EXCEPTIONS);
    expect(unexpected).toEqual([]);
    expect(unneeded).toEqual([]);
  });
});
