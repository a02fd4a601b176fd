import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runInThisContext } from 'node:vm';
import { burstPayload, clientUuids, installWithNpm, nodeRedFlow } from '@infoscreen/bench';
import { deviceTopic } from '@infoscreen/shared-types';
import {
  createTestDatabase,
  makeTemporaryFolder,
  removeTemporaryFolder,
  startProcess,
  type TestDatabase,
} from '@infoscreen/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';

describe('the flow of Node-RED', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  const [uuid = '', other = ''] = clientUuids(2);
  const flow = nodeRedFlow({ host: '127.0.0.1', port: 1883 });

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.asOwner('INSERT INTO clients (uuid) VALUES ($1), ($2)', [uuid, other]);
    pool = new pg.Pool({ connectionString: database.url });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  /** Runs a function node as Node-RED does: its text is the body, and it knows `msg` and `global`. */
  async function hand(kind: 'heartbeat' | 'health', round: number): Promise<void> {
    const func = flow.find(({ id }) => id === `${kind}-store`)?.['func'];
    const body = runInThisContext(`(async (msg, global) => {${String(func)}})`) as (
      msg: object,
      global: object,
    ) => Promise<unknown>;
    const payload = JSON.parse(burstPayload(kind, uuid, round)) as unknown;
    await body({ topic: deviceTopic(uuid, kind), payload }, { get: () => pool });
  }

  const states = () =>
    database.asOwner(
      `SELECT client_uuid, process_status, uptime_seconds, last_alive IS NOT NULL AS "isAlive",
         last_health_at IS NOT NULL AS "toldHealth" FROM client_states ORDER BY client_uuid = $1 DESC`,
      [uuid],
    );

  it('stores a heartbeat and a health report of its screen, each in columns of its own', async () => {
    const untold = { process_status: null, uptime_seconds: null, isAlive: false, toldHealth: false };
    expect(await states()).toEqual([
      { client_uuid: uuid, ...untold },
      { client_uuid: other, ...untold },
    ]);
    await hand('heartbeat', 7);
    expect((await states())[0]).toMatchObject({
      process_status: 'running',
      isAlive: true,
      toldHealth: false,
    });
    await hand('health', 7);
    expect(await states()).toEqual([
      { client_uuid: uuid, process_status: 'running', uptime_seconds: 7, isAlive: true, toldHealth: true },
      { client_uuid: other, ...untold },
    ]);
  });

  it('hears each kind of every screen at QoS 1', () => {
    expect(flow.filter(({ type }) => type === 'mqtt in')).toMatchObject([
      { topic: deviceTopic('+', 'heartbeat'), qos: '1', datatype: 'json', wires: [['heartbeat-store']] },
      { topic: deviceTopic('+', 'health'), qos: '1', datatype: 'json', wires: [['health-store']] },
    ]);
  });
});

describe('installing with npm', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeTemporaryFolder('npm-test');
  });
  afterEach(() => removeTemporaryFolder(folder));

  it('says what to do where it fails', async () => {
    const failure = installWithNpm(folder, ['./no-such-package']);
    await expect(failure).rejects.toThrow(/could not install .\/no-such-package: .*ENOENT/s);
    await expect(failure).rejects.toThrow(/needs npm in PATH and a registry .* other benchmarks with --only/);
  }, 60_000);

  it('runs no script of a package', async () => {
    const scripts = { install: "node -e \"require('fs').writeFileSync('script-ran', '')\"" };
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'package-with-script', version: '1.0.0', scripts }),
    );
    // Packed: of a folder npm makes a link, and runs no script there anyway.
    await promisify(execFile)('npm', ['pack'], { cwd: folder });
    const installed = join(folder, 'installed');
    mkdirSync(installed);
    // A process of its own, as "npm run" tells its children the settings of this repository, which runs no scripts either.
    const entry = join(folder, 'install.mjs');
    const program = new URL('../dist/node-red/install-with-npm.js', import.meta.url).href;
    writeFileSync(
      entry,
      `import { installWithNpm } from ${JSON.stringify(program)};
       await installWithNpm(process.argv[2], [process.argv[3]]);`,
    );
    const args = [installed, join(folder, 'package-with-script-1.0.0.tgz')];
    const { ended } = await startProcess({ entry, args, env: {} });
    expect((await ended).code).toBe(0);
    const files = readdirSync(join(installed, 'node_modules', 'package-with-script'));
    expect(files).toContain('package.json');
    expect(files).not.toContain('script-ran');
  }, 60_000);
});
