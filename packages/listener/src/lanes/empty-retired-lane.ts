import { createMqttConnection } from '@infoscreen/service-kit';
import type { LaneStream } from './lane-keeper.ts';
import type { LaneLease } from './lane-leases.ts';
import { type LaneStreamDeps, laneClientId, openLaneStream } from './open-lane-stream.ts';

/**
 * A canary comes after all that the broker had kept, where it delivers in order. The embedded broker delivers what it kept
 * beside what is new; the second canary, an interval later, comes after both there too.
 */
const CANARIES_BEHIND_THE_BACKLOG = 2;
const REMOVE_TIMEOUT_MS = 5000;

/**
 * Empties the session of a lane that belongs to another number of lanes: stores what the broker had kept in it, and has
 * the broker forget it. Every lane of the present set has a session by then, so nothing new is lost with it; what both get
 * is stored twice, which changes nothing.
 * @param onEmptied called once; not when the lease was lost before
 */
export function emptyRetiredLane(lease: LaneLease, deps: LaneStreamDeps, onEmptied: () => void): LaneStream {
  let canaries = 0;
  let isOver = false;
  const stream = openLaneStream(lease, {
    ...deps,
    onCanary: () => {
      canaries += 1;
      if (canaries === CANARIES_BEHIND_THE_BACKLOG) void finish();
    },
  });
  const finish = async () => {
    await stream.settle();
    if (isOver) return;
    await stream.stop();
    if (!isOver && (await removeSession(lease, deps))) onEmptied();
  };
  return {
    stop: async () => {
      isOver = true;
      await stream.stop();
    },
    cut: () => {
      isOver = true;
      stream.cut();
    },
  };
}

/** @returns whether the broker took it; else the lane is claimed and emptied again later */
async function removeSession(lease: LaneLease, { broker, intake }: LaneStreamDeps): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const isRemoved = await new Promise<boolean>((resolve) => {
    const connection = createMqttConnection({
      ...broker,
      clientId: laneClientId(lease),
      // A clean session ends the one that was kept.
      clean: true,
      logger: intake.logger.child({ lane: lease.lane, retired: true }),
      onStatus: ({ connected }) => {
        if (connected) void connection.stop().then(() => resolve(true));
      },
    });
    timer = setTimeout(() => void connection.stop().then(() => resolve(false)), REMOVE_TIMEOUT_MS);
    connection.start();
  });
  clearTimeout(timer);
  return isRemoved;
}
