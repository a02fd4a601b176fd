import { startTestBroker, type TestBroker } from '@infoscreen/test-kit';
import type { BenchContext } from '../run/benchmark.ts';
import { type BenchFleet, loadAtBroker } from './bench-fleet.ts';

/** A broker with the same settings, for the limit alone: nothing of the services subscribes to it. */
export async function startLimitBroker(
  context: BenchContext,
): Promise<Pick<BenchFleet, 'burstOrder' | 'subscriberOrder'> & { readonly broker: TestBroker }> {
  const broker = await startTestBroker();
  context.atEnd(() => broker.stop());
  return { broker, ...(await loadAtBroker(broker)) };
}
