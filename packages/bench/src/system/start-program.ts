import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  makeTemporaryFolder,
  removeTemporaryFolder,
  type ServiceProcess,
  startProcess,
} from '@infoscreen/test-kit';

const READY_DEADLINE_MS = 60_000;

/**
 * Runs a program of ours with its order, which may hold a password, in a file; resolves when it says that it is ready, or at
 * once where it says no such thing.
 * @param entry under `dist`, without its ending
 */
export async function startProgram(
  entry: string,
  order: unknown,
  { saysReady = true }: { readonly saysReady?: boolean } = {},
): Promise<{ readonly process: ServiceProcess; readonly stop: () => Promise<void> }> {
  const folder = makeTemporaryFolder('bench');
  const file = join(folder, 'order.json');
  writeFileSync(file, JSON.stringify(order), { mode: 0o600 });
  try {
    const process = await startProcess({
      entry: `packages/bench/dist/${entry}.js`,
      args: [file],
      env: { NODE_ENV: 'production' },
      ...(saysReady ? { readyLine: /"ready":true/ } : {}),
      deadlineMs: READY_DEADLINE_MS,
    });
    return {
      process,
      stop: async () => {
        await process.stop();
        removeTemporaryFolder(folder);
      },
    };
  } catch (error) {
    removeTemporaryFolder(folder);
    throw error;
  }
}
