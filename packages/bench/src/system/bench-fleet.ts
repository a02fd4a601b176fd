import { fleetFilter, TOPIC_ROOT } from '@infoscreen/shared-types';
import { type Fleet, type FleetOptions, startFleet, type TestBroker } from '@infoscreen/test-kit';
import type { SubscriberOrder } from '../limits/subscriber-order.ts';
import type { BurstKind, BurstOrder } from '../load/burst.ts';
import type { BenchContext } from '../run/benchmark.ts';

/** At their defaults, over what the fleet of the tests sets. */
const SETTINGS_THAT_SHIP = { NODE_ENV: 'production', SCHEDULER_INTERVAL_SECONDS: '', LOG_LEVEL: 'warn' };
const EVERY_TOPIC = `${TOPIC_ROOT}/#`;
const LOAD_CONNECTIONS = 64;

export interface BenchFleet {
  readonly fleet: Fleet;
  readonly burstOrder: (
    burst: Pick<BurstOrder, 'clientUuids' | 'kinds' | 'rounds'> & Partial<BurstOrder>,
  ) => BurstOrder;
  readonly subscriberOrder: (kinds: readonly BurstKind[], messages: number) => SubscriberOrder;
}

/** The real services with the settings that ship, and an account that may send in the name of every screen. */
export async function startBenchFleet(
  context: BenchContext,
  options: FleetOptions = {},
): Promise<BenchFleet> {
  const fleet = await startFleet({
    broker: 'mosquitto',
    ...options,
    settings: { ...SETTINGS_THAT_SHIP, ...options.settings },
  });
  context.atEnd(() => fleet.stop());
  return { fleet, ...(await loadAtBroker(fleet.broker, fleet.database.url)) };
}

/** Accounts for a load and for a limit program; the latter gets `databaseUrl`, where it writes. */
export async function loadAtBroker(
  broker: TestBroker,
  databaseUrl = '',
): Promise<Pick<BenchFleet, 'burstOrder' | 'subscriberOrder'>> {
  const { host, port } = broker;
  const load = await broker.addAccount({
    username: 'load',
    access: { publish: [EVERY_TOPIC], subscribe: [EVERY_TOPIC], receive: [EVERY_TOPIC] },
  });
  const reader = await broker.addAccount({
    username: 'reader',
    access: {
      publish: [],
      subscribe: (['discovery', 'heartbeat', 'health'] as const).map(fleetFilter),
      receive: [EVERY_TOPIC],
    },
  });
  return {
    burstOrder: (burst) => ({ host, port, ...load, connections: LOAD_CONNECTIONS, ...burst }),
    subscriberOrder: (kinds, messages) => ({
      host,
      port,
      ...reader,
      filters: kinds.map(fleetFilter),
      messages,
      databaseUrl,
    }),
  };
}
