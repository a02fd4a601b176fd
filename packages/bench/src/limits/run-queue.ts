import { createEmptyDatabase } from '@infoscreen/test-kit';
import type { QueueOrder } from './queue-order.ts';
import { runProgram } from './run-program.ts';

/** Jobs per second of another's queue, in a new database of the same server. */
export async function queueJobsPerSecond(
  name: 'graphile-worker' | 'pg-boss',
  size: Omit<QueueOrder, 'databaseUrl'>,
): Promise<number> {
  const database = await createEmptyDatabase();
  try {
    const order: QueueOrder = { ...size, databaseUrl: database.url };
    const { perSecond } = (await runProgram(`${name}-main`, order, 'jobs')) as { perSecond: number };
    return perSecond;
  } finally {
    await database.drop();
  }
}
