import { clientUuids } from '../load/client-uuids.ts';
import { untilReturned } from '../return/until-returned.ts';
import type { BenchContext, Benchmark, PreparedBenchmark, RunFigures } from '../run/benchmark.ts';
import { startBenchFleet } from '../system/bench-fleet.ts';
import { startLimitBroker } from '../system/limit-broker.ts';
import { untilFlowing } from '../system/listeners.ts';
import { seedClients } from '../system/seed-clients.ts';
import { openFiles, residentBytes } from './broker-process.ts';
import type { ConnectAccount } from './connect-order.ts';
import { prepareConnections } from './connect-processes.ts';
import { makeDeviceAccounts } from './device-accounts.ts';

const SCREENS: Readonly<Record<BenchContext['size'], number>> = { full: 5000, short: 100 };
const CALCULATED_FOR = 100_000;
const DEADLINE_MS = 300_000;
const MEGABYTE = 1024 * 1024;

export const connectStormBenchmark: Benchmark = {
  name: 'connect-storm',
  title:
    'screens with accounts of their own connect at once and tell discovery, heartbeat and health, until all is visible, against as many bare handshakes with one shared account',
  targets: [],
  prepare,
};

async function prepare(context: BenchContext): Promise<PreparedBenchmark> {
  const bench = await startBenchFleet(context);
  const { broker, database } = bench.fleet;
  const uuids = clientUuids(SCREENS[context.size]);
  await seedClients(database, uuids);
  // The server would take away accounts that it doesn't know of; it has no part in this.
  await Promise.all(bench.fleet.of('server').map(({ process }) => process.stop()));
  const { accounts, hashMs } = await makeDeviceAccounts(broker, uuids);
  const limit = await startLimitBroker(context);
  const { username, password } = limit.burstOrder({ clientUuids: [], kinds: [], rounds: 0 });
  const shared = uuids.map((_, n) => ({ username, password, clientId: `shared-${n}` }));
  const { host, port } = broker;
  let comeback = 0;
  /** Of the first run: later ones find memory that the broker had kept. */
  let bytesEach = 0;

  const bareHandshakes = async () => {
    const order = { host: limit.broker.host, port: limit.broker.port, accounts: shared };
    const connections = await prepareConnections(order);
    const before = residentBytes(limit.broker.pid);
    try {
      const { startedAt, acceptedAt } = await connections.open();
      bytesEach = Math.max(bytesEach, (residentBytes(limit.broker.pid) - before) / shared.length);
      return (acceptedAt - startedAt) / 1000;
    } finally {
      await connections.stop();
    }
  };
  const storm = async (screens: readonly ConnectAccount[]) => {
    comeback += 1;
    await untilFlowing(bench.fleet);
    const filesBefore = openFiles(broker.pid);
    const connections = await prepareConnections({ host, port, accounts: screens, comeback });
    try {
      const visible = untilReturned(database, {
        clients: screens.length,
        comeback,
        since: new Date(),
        deadlineMs: DEADLINE_MS,
      });
      const [opened, visibleAt] = await Promise.all([connections.open(), visible]);
      return {
        seconds: (visibleAt - opened.startedAt) / 1000,
        acceptedSeconds: (opened.acceptedAt - opened.startedAt) / 1000,
        filesEach: (openFiles(broker.pid) - filesBefore) / screens.length,
      };
    } finally {
      await connections.stop();
    }
  };
  return {
    run: async (): Promise<RunFigures> => {
      const ours = await storm(accounts);
      const bareSeconds = await bareHandshakes();
      const perSecond = accounts.length / ours.acceptedSeconds;
      return {
        figures: {
          'connections with accounts of their own': accounts.length,
          'all visible after s': ours.seconds,
          'all accepted after s': ours.acceptedSeconds,
          'bare handshakes, one shared account, s': bareSeconds,
          'broker memory per connection kB': bytesEach / 1024,
          'hash of one password ms': hashMs,
          'calculated 100000 connections: broker memory MB': (CALCULATED_FOR * bytesEach) / MEGABYTE,
          'calculated 100000 connections: file descriptors': CALCULATED_FOR * ours.filesEach,
          'calculated 100000 connections: password hashes s': (CALCULATED_FOR * hashMs) / 1000,
          'calculated 100000 connections: accepted after s': CALCULATED_FOR / perSecond,
        },
        ratios: { 'time : bare handshakes': ours.seconds / bareSeconds },
      };
    },
  };
}
