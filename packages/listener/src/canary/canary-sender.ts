import { createLoop, createMqttConnection, type Logger, type Metrics } from '@infoscreen/service-kit';
import { canaryTopic } from '@infoscreen/shared-types';
import type { Broker } from '../intake/intake-deps.ts';
import type { LaneLease } from '../lanes/lane-leases.ts';
import {
  type CanaryMessage,
  identityCanaryName,
  laneCanaryName,
  telemetryCanaryName,
} from './canary-message.ts';

/** What has stored no canary for several of these is counted as not flowing. */
export const CANARY_INTERVAL_MS = 5000;
const PUBLISH_TIMEOUT_MS = 4000;

export interface CanarySenderDeps {
  readonly broker: Broker;
  readonly instance: string;
  readonly leases: () => readonly LaneLease[];
  /** Lanes of an earlier set that are being emptied; no telemetry comes with them. */
  readonly retiredLeases: () => readonly LaneLease[];
  /** Whether the identity session of the lease has subscribed: only then may others leave its topics to it. */
  readonly hearsIdentity: (lease: LaneLease) => boolean;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Sends a canary into every stream of each lane held. Its way, through the broker and back into the database, is that of
 * every device message: where it arrives, they do. It has a connection of its own, since a reader waits for its work.
 */
export function createCanarySender({
  broker,
  instance,
  leases,
  retiredLeases,
  hearsIdentity,
  logger,
  metrics,
}: CanarySenderDeps) {
  const connection = createMqttConnection({
    ...broker,
    clientId: `infoscreen-listener-canary-${instance}`,
    clean: true,
    metrics,
    name: 'canary',
    logger,
    onStatus: ({ connected }) => {
      if (connected) loop.wake();
    },
  });
  const send = async (lease: LaneLease, names: readonly string[]) => {
    const canary = JSON.stringify({ instance, epoch: lease.epoch } satisfies CanaryMessage);
    for (const name of names) {
      await connection.publish(canaryTopic(name), canary, { qos: 1 }, PUBLISH_TIMEOUT_MS);
    }
  };
  const durable = (lease: LaneLease) => [
    laneCanaryName(lease),
    ...(hearsIdentity(lease) ? [identityCanaryName(lease)] : []),
  ];
  const loop = createLoop({
    name: 'canary',
    intervalMs: CANARY_INTERVAL_MS,
    logger,
    metrics,
    runOnce: async () => {
      await Promise.all([
        ...leases().map((lease) => send(lease, [...durable(lease), telemetryCanaryName(lease)])),
        ...retiredLeases().map((lease) => send(lease, durable(lease))),
      ]);
    },
  });
  return {
    start: () => {
      connection.start();
      loop.start();
    },
    /** Sends now: a stream has just begun to listen. */
    wake: () => loop.wake(),
    status: () => loop.status(),
    stop: async () => {
      await loop.stop();
      await connection.stop();
    },
  };
}
