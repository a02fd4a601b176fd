import { startTestBroker } from '@infoscreen/test-kit';
import type { BenchContext } from '../run/benchmark.ts';
import { type BenchFleet, loadAtBroker } from './bench-fleet.ts';

/** A broker with the same settings, for the limit alone: nothing of the services subscribes to it. */
export async function startLimitBroker(
  context: BenchContext,
): Promise<Pick<BenchFleet, 'burstOrder' | 'subscriberOrder'>> {
  const broker = await startTestBroker();
  context.atEnd(() => broker.stop());
  return loadAtBroker(broker);
}
