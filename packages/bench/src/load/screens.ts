import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder, startProcess } from '@infoscreen/test-kit';

/** Where the screens are, and the account that may answer for all of them. */
export interface ScreensOrder {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

/** Screens that do at once what they are told, in a process of their own. @returns what ends it */
export async function startScreens(order: ScreensOrder): Promise<() => Promise<void>> {
  const folder = makeTemporaryFolder('screens');
  const file = join(folder, 'order.json');
  writeFileSync(file, JSON.stringify(order), { mode: 0o600 });
  const process = await startProcess({
    entry: 'packages/bench/dist/load/screens-main.js',
    args: [file],
    env: { NODE_ENV: 'production' },
    readyLine: /"ready":true/,
  });
  return async () => {
    await process.stop();
    removeTemporaryFolder(folder);
  };
}
