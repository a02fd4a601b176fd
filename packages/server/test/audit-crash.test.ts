import {
  type ApiUser,
  createTestDatabase,
  eventually,
  FIRST_ADMIN,
  type FleetProcess,
  logInAt,
  serviceSettings,
  startReplica,
  startTestBroker,
  type TestBroker,
  type TestDatabase,
} from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';

describe('a write whose entry in the audit log could not be made', () => {
  let database: TestDatabase;
  let broker: TestBroker;
  let server: FleetProcess;
  let service: pg.Pool;
  let owner: pg.Client;
  beforeAll(async () => {
    database = await createTestDatabase();
    broker = await startTestBroker({ kind: 'embedded' });
    server = await startReplica('server', {
      ...serviceSettings(database.url, broker),
      INSTANCE_ID: 'server-0',
    });
    service = new pg.Pool({ connectionString: database.url, max: 1 });
    owner = new pg.Client({ connectionString: database.ownerUrl });
    await owner.connect();
  });
  afterAll(async () => {
    await server.process.stop();
    await service.end();
    await owner.end();
    await broker.stop();
    await database.drop();
  });
  const logIn = () => logInAt(server.url, FIRST_ADMIN.username, FIRST_ADMIN.password);
  const create = (admin: ApiUser, hostname: string) => admin.call('POST', '/api/clients', { hostname });
  const isThere = async (hostname: string) =>
    (await owner.query('SELECT FROM clients WHERE hostname = $1', [hostname])).rowCount === 1;
  const creations = async () =>
    (
      await owner.query(
        `SELECT outcome, status_code, actor, ip, error_code FROM audit_log WHERE action = 'createClient' ORDER BY id`,
      )
    ).rows;
  /** What the scheduler does, a minute later. */
  const aMinuteLater = async () => {
    await owner.query("UPDATE audit_pending SET started_at = now() - interval '61 seconds'");
    await service.query('SELECT record_unfinished_writes(100)');
  };
  const unknown = { outcome: 'unknown', status_code: 0, actor: 'admin', ip: '127.0.0.1', error_code: null };

  it('because its server was killed in between, is there as unknown', async () => {
    const admin = await logIn();
    await owner.query('BEGIN; LOCK TABLE audit_log IN SHARE MODE');
    const answer = create(admin, 'killed').catch(() => 'no answer');
    // On a connection of its own: within a transaction the list of sessions doesn't change.
    const waiting = await eventually(async () => {
      const [session] = await database.asOwner<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND query LIKE 'SELECT record_write%' AND datname = current_database()`,
      );
      return session;
    });
    await server.process.kill('SIGKILL');
    // Else PostgreSQL would notice only after the statement that its client has gone.
    await owner.query('SELECT pg_terminate_backend($1)', [waiting.pid]);
    await owner.query('COMMIT');
    expect(await answer).toBe('no answer');
    expect(await isThere('killed')).toBe(true);
    expect(await creations()).toEqual([]);
    await aMinuteLater();
    expect(await creations()).toEqual([unknown]);
    await server.restart();
  });

  it('because the database refused it, is answered as done, and is there as unknown', async () => {
    const admin = await logIn();
    await owner.query('REVOKE EXECUTE ON FUNCTION record_write FROM infoscreen_service');
    const { status } = await create(admin, 'unrecorded');
    await owner.query('GRANT EXECUTE ON FUNCTION record_write TO infoscreen_service');
    expect(status).toBe(201);
    expect((await creations()).length).toBe(1);
    await aMinuteLater();
    expect((await creations()).at(-1)).toEqual(unknown);
  });

  it('is not done at all when it can not even be noted that it begins', async () => {
    const admin = await logIn();
    await owner.query('BEGIN; LOCK TABLE audit_pending IN SHARE MODE');
    const { status, json } = await create(admin, 'unnoted');
    await owner.query('COMMIT');
    expect([status, json.code]).toEqual([503, 'unavailable']);
    expect(await isThere('unnoted')).toBe(false);
  });

  it('because it failed itself, is there at once, with the answer', async () => {
    const admin = await logIn();
    await owner.query('REVOKE INSERT ON broker_accounts FROM infoscreen_service');
    const { status } = await create(admin, 'failed');
    await owner.query('GRANT INSERT ON broker_accounts TO infoscreen_service');
    expect(status).toBe(500);
    expect((await creations()).at(-1)).toEqual({
      ...unknown,
      status_code: 500,
      error_code: 'internal_error',
    });
  });
});
