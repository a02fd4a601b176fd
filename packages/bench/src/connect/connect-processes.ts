import { untilResult } from '../load/load-process.ts';
import { startProgram } from '../system/start-program.ts';
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
  const programs = await Promise.all(
    Array.from({ length: PROCESSES }, (_, n) =>
      startProgram('connect/connect-main', {
        ...order,
        accounts: order.accounts.filter((__, index) => index % PROCESSES === n),
      }),
    ),
  );
  return {
    open: async () => {
      await Promise.all(programs.map((program) => program.process.kill('SIGUSR2')));
      const results = (await Promise.all(
        programs.map((program) => untilResult(program.process, 'connected', DEADLINE_MS)),
      )) as ConnectResult[];
      return {
        startedAt: Math.min(...results.map(({ startedAt }) => startedAt)),
        acceptedAt: Math.max(...results.map(({ acceptedAt }) => acceptedAt)),
        retries: results.reduce((sum, { retries }) => sum + retries, 0),
      };
    },
    stop: async () => {
      await Promise.all(programs.map((program) => program.stop()));
    },
  };
}
