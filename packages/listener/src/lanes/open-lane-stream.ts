import { createMqttConnection } from '@infoscreen/service-kit';
import type { Broker, IntakeDeps } from '../intake/intake-deps.ts';
import type { WorkLimit } from '../intake/work-limit.ts';
import { LaneIntake } from './lane-intake.ts';
import type { LaneStream } from './lane-keeper.ts';
import type { LaneLease } from './lane-leases.ts';
import { IDENTITY_FILTERS, type LanePart, partClientId, partSubscriptions, partsOf } from './lane-parts.ts';
import { LaneProof } from './lane-proof.ts';

export interface LaneStreamDeps {
  readonly broker: Broker;
  readonly intake: IntakeDeps;
  readonly limit: WorkLimit;
  readonly instance: string;
  /** This part of the lane can hear its canary now. */
  readonly onConnected: (lease: LaneLease, part: LanePart) => void;
  /** A canary of this lease is stored. */
  readonly onCanary?: (part: LanePart) => void;
}

export interface DurableStream extends LaneStream {
  /** Takes no more, and resolves when all that has been taken is stored. */
  settle(): Promise<void>;
}

/**
 * The durable streams of one lane: what must not be lost. The broker keeps each for its fixed client id while no
 * replica reads, and a message is acknowledged only after its transaction has committed. Every lane gets the reports of
 * the whole fleet and skips those of other lanes: shared subscriptions lose messages when a member stops. What screens say of
 * themselves is read once, by the holder of lane 0, and written in batches.
 */
export function openLaneStream(lease: LaneLease, deps: LaneStreamDeps): DurableStream {
  const proof = new LaneProof(lease, deps.instance);
  const streams = partsOf(lease).map((part) => openPart(lease, { ...deps, part, proof }));
  return {
    settle: async () => {
      await Promise.all(streams.map((stream) => stream.settle()));
    },
    stop: async () => {
      await Promise.all(streams.map((stream) => stream.stop()));
    },
    cut: () => {
      for (const stream of streams) stream.cut();
    },
  };
}

function openPart(
  lease: LaneLease,
  deps: LaneStreamDeps & { readonly part: LanePart; readonly proof: LaneProof },
): DurableStream {
  const { part } = deps;
  const logger = deps.intake.logger.child({ lane: lease.lane, part });
  const intake = new LaneIntake(lease, {
    ...deps,
    intake: { ...deps.intake, logger },
    onIdentityElsewhere: () => {
      if (hasLeftIdentity) return;
      hasLeftIdentity = true;
      // Where it fails, the next connection does it.
      void connection.unsubscribe(IDENTITY_FILTERS).catch(() => {});
    },
  });
  let hasLeftIdentity = false;
  const connection = createMqttConnection({
    ...deps.broker,
    clientId: partClientId(lease, part),
    clean: false,
    logger,
    subscriptions: partSubscriptions(lease, part),
    shed: (head) => intake.shed(head),
    onMessage: (message) => intake.take(message),
    onStatus: ({ connected }) => {
      intake.connectionChanged();
      hasLeftIdentity = false;
      if (connected) deps.onConnected(lease, part);
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
