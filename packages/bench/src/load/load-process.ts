import { eventually, type ServiceProcess } from '@infoscreen/test-kit';
import { startProgram } from '../system/start-program.ts';
import type { BurstOrder, BurstResult } from './burst.ts';
import type { HttpLoadOrder, HttpLoadResult } from './http-load.ts';
import type { SteadyOrder, SteadyResult } from './steady-load.ts';

/** A load that stands ready: connected, and waiting for its start. */
export interface ReadyLoad<Result> {
  /** @throws with its output when it fails */
  readonly send: () => Promise<Result>;
  readonly stop: () => Promise<void>;
}

export const prepareBurst = (order: BurstOrder) => prepareLoad<BurstResult>('burst', order);
export const prepareSteadyLoad = (order: SteadyOrder) => prepareLoad<SteadyResult>('steady', order);

async function prepareLoad<Result>(name: 'burst' | 'steady', order: unknown): Promise<ReadyLoad<Result>> {
  const { process, stop } = await startProgram(`load/${name}-main`, order);
  return {
    send: async () => {
      await process.kill('SIGUSR2');
      await process.ended;
      return resultOf(process, 'sent') as Result;
    },
    stop,
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

/** Runs a load of requests to its end. @throws with its output when it fails */
export async function runHttpLoad(order: HttpLoadOrder): Promise<HttpLoadResult> {
  const { process, stop } = await startProgram('load/http-load-main', order);
  try {
    await process.ended;
    return resultOf(process, 'answered') as HttpLoadResult;
  } finally {
    await stop();
  }
}
