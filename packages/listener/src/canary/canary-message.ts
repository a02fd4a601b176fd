import { z } from 'zod';

const canarySchema = z.object({
  /** Of the replica that sent it. */
  instance: z.string(),
  /** Of the lease under which it was sent. */
  epoch: z.string(),
});
export type CanaryMessage = z.output<typeof canarySchema>;

/** What the holder of a lane sends to itself through the broker; `undefined` for anything else. */
export function readCanary(payload: Uint8Array): CanaryMessage | undefined {
  try {
    return canarySchema.safeParse(JSON.parse(Buffer.from(payload).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

interface LaneOfSet {
  readonly lane: number;
  readonly laneCount: number;
}

export const laneCanaryName = ({ laneCount, lane }: LaneOfSet) => `lane-${laneCount}-${lane}`;
export const telemetryCanaryName = ({ laneCount, lane }: LaneOfSet) => `telemetry-${laneCount}-${lane}`;
/** Of the one identity session of a set. */
export const identityCanaryName = ({ laneCount }: Pick<LaneOfSet, 'laneCount'>) => `identity-${laneCount}`;
