import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder, startProcess } from '@infoscreen/test-kit';
import type { FloodOrder, FloodResult } from './flood-broker.ts';

/** Runs a flood to its end. @throws with its output when it fails */
export async function runFlooder(order: FloodOrder): Promise<FloodResult> {
  const folder = makeTemporaryFolder('flood');
  try {
    const file = join(folder, 'order.json');
    writeFileSync(file, JSON.stringify(order), { mode: 0o600 });
    const process = await startProcess({
      entry: 'packages/chaos/dist/flood/flooder-main.js',
      args: [file],
      env: {},
    });
    await process.ended;
    const result = process.logRecords().find((record) => 'flooded' in record)?.['flooded'];
    if (result === undefined) throw new Error(`the flood ended early:\n${process.logs.join('\n')}`);
    return result as FloodResult;
  } finally {
    removeTemporaryFolder(folder);
  }
}
