import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder, startProcess } from '@infoscreen/test-kit';
import { untilResult } from '../load/burst-process.ts';

const DEADLINE_MS = 300_000;

/** Runs a limit program to its end. @returns what it printed under `name` */
export async function runProgram(entry: string, order: unknown, name: string): Promise<unknown> {
  const folder = makeTemporaryFolder('limit');
  const file = join(folder, 'order.json');
  writeFileSync(file, JSON.stringify(order), { mode: 0o600 });
  const process = await startProcess({
    entry: `packages/bench/dist/limits/${entry}.js`,
    args: [file],
    env: { NODE_ENV: 'production' },
  });
  try {
    return await untilResult(process, name, DEADLINE_MS);
  } finally {
    await process.stop();
    removeTemporaryFolder(folder);
  }
}
