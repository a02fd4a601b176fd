import { randomUUID } from 'node:crypto';
import {
  commandView,
  findCommand,
  issueCommand,
  listCommands,
  recentCommandsJsonSql,
} from '@infoscreen/commands';
import { commandSchema } from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import { commandIn, createClient, request, settings, useDatabase } from './fleet-fixture.ts';

const database = useDatabase(2);

describe('the history of a client', () => {
  it('pages from the newest to the oldest command without a gap or a repeat', async () => {
    const uuid = await createClient(database.pool);
    for (let issued = 0; issued < 7; issued += 1) await request(database.pool, uuid, 'shutdown_host');
    const seen: Date[] = [];
    let cursor: string | undefined;
    do {
      const page = await listCommands(database.pool, { clientUuid: uuid, limit: 3, cursor });
      if (page.outcome !== 'page') throw new Error(page.outcome);
      seen.push(...page.items.map(({ createdAt }) => createdAt));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(7);
    expect(seen).toEqual([...seen].sort((a, b) => b.getTime() - a.getTime()));
  });

  it.each(['nonsense', `-005000-01-01T00:00:00.000Z ${randomUUID()}`, `2026-11-24T00:00:00.000Z no-command`])(
    'refuses a cursor that no page returned: %s',
    async (text) => {
      const cursor = Buffer.from(text).toString('base64url');
      expect(await listCommands(database.pool, { limit: 3, cursor })).toEqual({ outcome: 'invalid_cursor' });
    },
  );

  it('shows a command in the shape of the contract', async () => {
    const { commandId } = await commandIn(database.pool, 'execution_started');
    const found = await findCommand(database.pool, commandId);
    if (found === null) throw new Error('not found');
    expect(commandSchema.parse(commandView(found.command))).toEqual(commandView(found.command));
  });
});

describe('the JSON of commands that the database builds', () => {
  it('is the view of the contract, of each state and whatever was said', async () => {
    const { pool } = database;
    const { clientUuid } = await commandIn(pool, 'completed');
    await pool.query(
      `UPDATE client_commands SET reason = E'a "reason" \\\\ of\\ntwo lines', late_outcome = 'failed', late_outcome_at = now(),
         effect_observed = false, effect_observed_at = now(), effect_boot_id = 'boot-2', error_code = 'x', error_message = 'ü'
       WHERE client_uuid = $1`,
      [clientUuid],
    );
    await request(pool, clientUuid, 'shutdown_host');
    const { rows } = await pool.query(`SELECT ${recentCommandsJsonSql('$1', 10)} AS json`, [clientUuid]);
    const page = await listCommands(pool, { clientUuid, limit: 10 });
    if (page.outcome !== 'page') throw new Error(page.outcome);
    expect(page.items).toHaveLength(2);
    expect(JSON.parse(rows[0].json)).toEqual(page.items.map(commandView));
  });
});

describe('a request with an idempotency key', () => {
  it('issues one command, however many replicas get it at the same moment', async () => {
    const clientUuid = await createClient(database.pool);
    const userId = randomUUID();
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        issueCommand({ pool: database.pools[index % 2] ?? database.pool }, settings, {
          clientUuid,
          action: 'restart_app',
          reason: null,
          requestedBy: 'anna',
          requestedByUserId: userId,
          requestId: null,
          idempotencyKey: 'the-same-key',
          source: 'api',
        }),
      ),
    );
    expect(results.filter(({ outcome }) => outcome === 'queued')).toHaveLength(1);
    expect(results.filter(({ outcome }) => outcome === 'replayed')).toHaveLength(9);
    expect(
      new Set(results.map((result) => ('command' in result ? result.command.commandId : ''))),
    ).toHaveProperty('size', 1);
  });
});
