import { type PostgresServer, startPostgres } from '@infoscreen/local-stack';
import { freePort, makeTemporaryFolder, removeTemporaryFolder } from '@infoscreen/test-kit';
import { afterEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';

const servers: PostgresServer[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop('immediate');
  for (const folder of folders.splice(0)) removeTemporaryFolder(folder);
});

function newDataDir(): string {
  const folder = makeTemporaryFolder('postgres');
  folders.push(folder);
  return `${folder}/data`;
}

async function start(options: Parameters<typeof startPostgres>[0]): Promise<PostgresServer> {
  const server = await startPostgres(options);
  servers.push(server);
  return server;
}

async function query(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

describe('the PostgreSQL of the local stack', () => {
  test('keeps its data between runs, and after a kill -9', async () => {
    const dataDir = newDataDir();
    const server = await start({ dataDir });
    await query(server.url('postgres'), 'CREATE TABLE kept AS SELECT 42 AS answer');
    await server.kill('SIGKILL');
    expect(server.isRunning()).toBe(false);
    await server.start();
    expect(await query(server.url('postgres'), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await server.stop();
    const next = await start({ dataDir });
    expect(await query(next.url('postgres'), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  test('takes the password it is given, also for data that was made with another', async () => {
    const dataDir = newDataDir();
    const first = await start({ dataDir, superuserPassword: 'first' });
    await first.stop();
    const second = await start({ dataDir, superuserPassword: "it's another" });
    expect(await query(second.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const wrong = second.url('postgres').replace(/:[^:@]*@/, ':first@');
    await expect(query(wrong, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('speaks UTF-8, listens on loopback alone, and takes settings', async () => {
    const server = await start({ dataDir: newDataDir(), settings: { work_mem: '7MB' } });
    const setting = async (name: string) => (await query(server.url('postgres'), `SHOW ${name}`))[0]?.[name];
    expect(await setting('server_encoding')).toBe('UTF8');
    expect(await setting('listen_addresses')).toBe('127.0.0.1');
    expect(await setting('unix_socket_directories')).toBe('');
    expect(await setting('password_encryption')).toBe('scram-sha-256');
    expect(await setting('work_mem')).toBe('7MB');
    expect(await query(server.url('postgres'), "SELECT lower('ÄÖÜ') AS lower")).toEqual([{ lower: 'äöü' }]);
  });

  test('says in one sentence that a data directory or a port is in use', async () => {
    const dataDir = newDataDir();
    const server = await start({ dataDir });
    await expect(start({ dataDir })).rejects.toThrow(
      `is in use by a PostgreSQL that runs already (process ${server.pid})`,
    );
    await expect(start({ dataDir: newDataDir(), port: server.port })).rejects.toThrow(
      `Port ${server.port} for PostgreSQL is in use`,
    );
    expect(await query(server.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('listens on the port that it is told', async () => {
    const port = await freePort();
    expect((await start({ dataDir: newDataDir(), port })).port).toBe(port);
  });
});
