import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder, startProcess } from '@infoscreen/test-kit';
import { untilResult } from '../load/load-process.ts';
import type { ConnectOrder, ConnectResult } from './connect-order.ts';

/** Of these, no process opens more than a quarter: none comes near what one may open. */
const PROCESSES = 4;
const DEADLINE_MS = 300_000;

export interface ReadyConnections {
  /** Opens all of them at once. @returns when the first began and the last was accepted */
  readonly open: () => Promise<ConnectResult>;
  /** Ends the processes, and with them every connection. */
  readonly stop: () => Promise<void>;
}

export async function prepareConnections(order: ConnectOrder): Promise<ReadyConnections> {
  const folder = makeTemporaryFolder('connections');
  const processes = await Promise.all(
    Array.from({ length: PROCESSES }, (_, n) => {
      const file = join(folder, `order-${n}.json`);
      const accounts = order.accounts.filter((__, index) => index % PROCESSES === n);
      writeFileSync(file, JSON.stringify({ ...order, accounts }), { mode: 0o600 });
      return startProcess({
        entry: 'packages/bench/dist/connect/connect-main.js',
        args: [file],
        env: {},
        readyLine: /"ready":true/,
        deadlineMs: 60_000,
      });
    }),
  );
  return {
    open: async () => {
      for (const { pid } of processes) process.kill(pid, 'SIGUSR2');
      const results = (await Promise.all(
        processes.map((one) => untilResult(one, 'connected', DEADLINE_MS)),
      )) as ConnectResult[];
      return {
        startedAt: Math.min(...results.map(({ startedAt }) => startedAt)),
        acceptedAt: Math.max(...results.map(({ acceptedAt }) => acceptedAt)),
        retries: results.reduce((sum, { retries }) => sum + retries, 0),
      };
    },
    stop: async () => {
      await Promise.all(processes.map((one) => one.stop()));
      removeTemporaryFolder(folder);
    },
  };
}
