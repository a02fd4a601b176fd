import { untilResult } from '../load/load-process.ts';
import { startProgram } from '../system/start-program.ts';

const DEADLINE_MS = 300_000;

/** Runs a limit program to its end. @returns what it printed under `name` */
export async function runProgram(entry: string, order: unknown, name: string): Promise<unknown> {
  const { process, stop } = await startProgram(`limits/${entry}`, order, { saysReady: false });
  try {
    return await untilResult(process, name, DEADLINE_MS);
  } finally {
    await stop();
  }
}
