import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import {
  createLogFiles,
  keepServerRunning,
  startEmbeddedBroker,
  startPostgres,
} from '@infoscreen/local-stack';
import { eventually, makeTemporaryFolder, removeTemporaryFolder } from '@infoscreen/test-kit';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

let folder: string;
beforeEach(() => {
  folder = makeTemporaryFolder('kept-server');
});
afterEach(() => removeTemporaryFolder(folder));

const logs = () => createLogFiles(`${folder}/logs`, new PassThrough().resume());

test.each(['the broker', 'PostgreSQL'])(
  '%s is started again on its port when it was killed',
  async (name) => {
    const { server, start } =
      name === 'PostgreSQL' ? await postgresIn(`${folder}/data`) : await brokerIn(`${folder}/broker`);
    const { port, pid } = server;
    const stop = keepServerRunning(
      { name, isRunning: server.isRunning, start, stop: () => server.stop() },
      logs(),
    );
    await server.kill('SIGKILL');
    await eventually(() => server.isRunning() && server.pid !== pid, { deadlineMs: 60_000 });
    expect(server.port).toBe(port);
    await stop();
    expect(server.isRunning()).toBe(false);
    const told = readFileSync(`${folder}/logs/stack.log`, 'utf8').trimEnd().split('\n');
    const time = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`;
    expect(told).toEqual([
      expect.stringMatching(`^${time} ${name} ended; starting it again$`),
      expect.stringMatching(`^${time} ${name} runs again$`),
    ]);
  },
  90_000,
);

async function postgresIn(dataDir: string) {
  const server = await startPostgres({ dataDir });
  return { server, start: server.start };
}

async function brokerIn(dir: string) {
  const server = await startEmbeddedBroker({ dir, adminUsername: 'admin', adminPassword: 'one' });
  return { server, start: server.restart };
}
