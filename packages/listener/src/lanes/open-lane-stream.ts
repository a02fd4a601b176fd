import { createMqttConnection } from '@infoscreen/service-kit';
import { canaryTopic, DISCOVERY_ALIAS_TOPIC, fleetFilter } from '@infoscreen/shared-types';
import { laneCanaryName } from '../canary/canary-message.ts';
import type { Broker, IntakeDeps } from '../intake/intake-deps.ts';
import type { WorkLimit } from '../intake/work-limit.ts';
import { LaneIntake } from './lane-intake.ts';
import type { LaneStream } from './lane-keeper.ts';
import type { LaneLease } from './lane-leases.ts';

export interface LaneStreamDeps {
  readonly broker: Broker;
  readonly intake: IntakeDeps;
  readonly limit: WorkLimit;
  readonly instance: string;
  /** The lane can hear its canary now. */
  readonly onConnected: () => void;
  /** A canary of this lease is stored. */
  readonly onCanary?: () => void;
}

/** Of the session that the broker keeps for a lane; another number of lanes has sessions of its own. */
export function laneClientId({ laneCount, lane }: Pick<LaneLease, 'laneCount' | 'lane'>): string {
  return `infoscreen-listener-lane-${laneCount}-${lane}`;
}

const subscriptionsOf = (lease: LaneLease) =>
  [
    fleetFilter('command_ack'),
    fleetFilter('command_ack_legacy'),
    fleetFilter('service_failed'),
    fleetFilter('discovery'),
    DISCOVERY_ALIAS_TOPIC,
    fleetFilter('presence'),
    canaryTopic(laneCanaryName(lease)),
  ].map((filter) => ({ filter, qos: 1 as const }));

/**
 * The durable stream of one lane: what must not be lost. The broker keeps it for the lane's fixed client id while no
 * replica reads, and a message is acknowledged only after its transaction has committed. Every lane gets the messages of
 * the whole fleet and skips those of other lanes: shared subscriptions lose messages when a member stops.
 */
export function openLaneStream(
  lease: LaneLease,
  deps: LaneStreamDeps,
): LaneStream & { settle(): Promise<void> } {
  const logger = deps.intake.logger.child({ lane: lease.lane });
  const intake = new LaneIntake(lease, { ...deps, intake: { ...deps.intake, logger } });
  const connection = createMqttConnection({
    ...deps.broker,
    clientId: laneClientId(lease),
    clean: false,
    logger,
    subscriptions: subscriptionsOf(lease),
    shed: (head) => intake.shed(head),
    onMessage: (message) => intake.take(message),
    onStatus: ({ connected }) => {
      intake.connectionChanged();
      if (connected) deps.onConnected();
    },
  });
  connection.start();
  return {
    settle: () => intake.settle(),
    stop: async () => {
      await intake.drain();
      await connection.stop();
    },
    cut: () => {
      intake.close();
      void connection.stop();
    },
  };
}
