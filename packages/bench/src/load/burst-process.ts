import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  eventually,
  makeTemporaryFolder,
  removeTemporaryFolder,
  type ServiceProcess,
  startProcess,
} from '@infoscreen/test-kit';
import type { BurstOrder, BurstResult } from './burst.ts';

const READY_DEADLINE_MS = 60_000;

/** A burst that stands ready: connected, every packet made. */
export interface ReadyBurst {
  /** @throws with its output when it fails */
  readonly send: () => Promise<BurstResult>;
  readonly stop: () => Promise<void>;
}

export async function prepareBurst(order: BurstOrder): Promise<ReadyBurst> {
  const folder = makeTemporaryFolder('burst');
  const file = join(folder, 'order.json');
  writeFileSync(file, JSON.stringify(order), { mode: 0o600 });
  const process = await startProcess({
    entry: 'packages/bench/dist/load/burst-main.js',
    args: [file],
    env: {},
    readyLine: /"ready":true/,
    deadlineMs: READY_DEADLINE_MS,
  });
  return {
    send: async () => {
      await process.kill('SIGUSR2');
      await process.ended;
      return resultOf(process, 'burst') as BurstResult;
    },
    stop: async () => {
      await process.stop();
      removeTemporaryFolder(folder);
    },
  };
}

/** What a program of ours printed under `name`. @throws with its output when there is nothing */
export function resultOf(process: Pick<ServiceProcess, 'logs' | 'logRecords'>, name: string): unknown {
  const result = process.logRecords().find((record) => name in record)?.[name];
  if (result === undefined) throw new Error(`no ${name} came:\n${process.logs.slice(-40).join('\n')}`);
  return result;
}

export async function untilResult(
  process: ServiceProcess,
  name: string,
  deadlineMs: number,
): Promise<unknown> {
  await eventually(() => !process.isRunning() || process.logRecords().some((record) => name in record), {
    deadlineMs,
    what: `a program printed its ${name}`,
  });
  return resultOf(process, name);
}
