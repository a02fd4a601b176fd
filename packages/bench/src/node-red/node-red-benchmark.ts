import { makeTemporaryFolder, removeTemporaryFolder } from '@infoscreen/test-kit';
import { measureListener } from '../ingest/measure-listener.ts';
import { clientUuids } from '../load/client-uuids.ts';
import type { BenchContext, Benchmark, PreparedBenchmark } from '../run/benchmark.ts';
import { startBenchFleet } from '../system/bench-fleet.ts';
import { restartListeners, stopListeners } from '../system/listeners.ts';
import { seedClients } from '../system/seed-clients.ts';
import { installWithNpm } from './install-with-npm.ts';
import { measureNodeRed } from './measure-node-red.ts';
import { NODE_RED_KINDS as KINDS } from './node-red-flow.ts';

/** The newest Node-RED that runs on every Node that we support, and the driver that we use ourselves. */
const PACKAGES = ['node-red@4.1.15', 'pg@8.23.1'];
const SCREENS = 10_000;
const LISTENER_ROUNDS = 5;

export const nodeRedBenchmark: Benchmark = {
  name: 'node-red',
  title:
    'heartbeats and health reports at QoS 1 into 1 listener, stored, against Node-RED with one UPDATE per message',
  targets: [{ ratio: 'listener : Node-RED', atLeast: 10 }],
  fullOnly: 'it installs Node-RED with npm, and the short form downloads nothing',
  prepare,
};

async function prepare(context: BenchContext): Promise<PreparedBenchmark> {
  const folder = makeTemporaryFolder('node-red');
  context.atEnd(async () => removeTemporaryFolder(folder));
  context.progress(`npm installs ${PACKAGES.join(' and ')} into a folder that is removed at the end`);
  await installWithNpm(folder, PACKAGES);
  const bench = await startBenchFleet(context);
  const uuids = clientUuids(SCREENS);
  await seedClients(bench.fleet.database, uuids);
  let round = 0;
  return {
    run: async () => {
      const burst = { clientUuids: uuids, kinds: KINDS };
      const ours = await measureListener(bench, { ...burst, rounds: LISTENER_ROUNDS, firstRound: round + 1 });
      round += LISTENER_ROUNDS;
      await stopListeners(bench.fleet);
      round += 1;
      const nodeRed = await measureNodeRed(bench, { folder, clientUuids: uuids, round });
      await restartListeners(bench.fleet);
      return {
        figures: { 'listener messages/s': ours, 'Node-RED messages/s': nodeRed },
        ratios: { 'listener : Node-RED': ours / nodeRed },
      };
    },
  };
}
