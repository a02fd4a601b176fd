import { createMqttConnection } from '@infoscreen/service-kit';
import type { LaneStream } from './lane-keeper.ts';
import type { LaneLease } from './lane-leases.ts';
import { type LanePart, partClientId, partsOf } from './lane-parts.ts';
import { type LaneStreamDeps, openLaneStream } from './open-lane-stream.ts';

/**
 * A canary comes after all that the broker had kept, where it delivers in order. The embedded broker delivers what it kept
 * beside what is new; the second canary, an interval later, comes after both there too.
 */
const CANARIES_BEHIND_THE_BACKLOG = 2;
const REMOVE_TIMEOUT_MS = 5000;

/**
 * Empties the sessions of a lane that belongs to another number of lanes: stores what the broker had kept in them, and has
 * the broker forget them. Every lane of the present set has a session by then, so nothing new is lost with them; what both get
 * is stored twice, which changes nothing.
 * @param onEmptied called once; not when the lease was lost before
 */
export function emptyRetiredLane(lease: LaneLease, deps: LaneStreamDeps, onEmptied: () => void): LaneStream {
  const canaries = new Map<LanePart, number>();
  const isBehindTheBacklog = () =>
    partsOf(lease).every((part) => (canaries.get(part) ?? 0) >= CANARIES_BEHIND_THE_BACKLOG);
  let isFinishing = false;
  let isOver = false;
  const stream = openLaneStream(lease, {
    ...deps,
    onCanary: (part) => {
      canaries.set(part, (canaries.get(part) ?? 0) + 1);
      if (isFinishing || !isBehindTheBacklog()) return;
      isFinishing = true;
      void finish();
    },
  });
  const finish = async () => {
    await stream.settle();
    if (isOver) return;
    await stream.stop();
    for (const part of partsOf(lease)) {
      if (isOver || !(await removeSession(lease, part, deps))) return;
    }
    if (!isOver) onEmptied();
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
async function removeSession(
  lease: LaneLease,
  part: LanePart,
  { broker, intake }: LaneStreamDeps,
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const isRemoved = await new Promise<boolean>((resolve) => {
    const connection = createMqttConnection({
      ...broker,
      clientId: partClientId(lease, part),
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
