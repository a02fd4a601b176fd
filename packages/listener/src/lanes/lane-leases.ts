import type { Queryable } from '@infoscreen/prisma';

export const LEASE_MS = 6000;
/** A replica that hasn't reported itself for so long isn't counted on. */
const REPLICA_TIMEOUT_MS = 15_000;

/** A lease of one lane; the epoch rises with every claim, so that an older holder can't pass for the present one. */
export interface LaneLease {
  readonly lane: number;
  readonly epoch: string;
}

export interface LaneLeases {
  /** Makes the rows of lanes that are missing, and drops those beyond the setting that nobody holds. */
  prepare(): Promise<void>;
  /** @returns those that are still held; a lease that has lapsed is lost, also when nobody took it yet */
  renew(leases: readonly LaneLease[]): Promise<readonly LaneLease[]>;
  /** Takes up to `limit` lanes that nobody holds. */
  claim(limit: number): Promise<readonly LaneLease[]>;
  release(lease: LaneLease): Promise<void>;
  /** Names of the listeners that live, by their reports. One whose lease has lapsed doesn't, whatever it reported last. */
  liveInstances(): Promise<readonly string[]>;
}

interface LaneRow {
  readonly lane: number;
  readonly epoch: string;
}

/** Leases in `listener_lanes`. Every time is the database's. */
export function createLaneLeases(db: Queryable, instance: string, laneCount: number): LaneLeases {
  return {
    prepare: async () => {
      await db.query(
        'INSERT INTO listener_lanes (lane) SELECT generate_series(0, $1::int - 1) ON CONFLICT DO NOTHING',
        [laneCount],
      );
      await db.query(
        'DELETE FROM listener_lanes WHERE lane >= $1 AND (lease_until IS NULL OR lease_until < clock_timestamp())',
        [laneCount],
      );
    },
    renew: async (leases) => {
      if (leases.length === 0) return [];
      const { rows } = await db.query<LaneRow>(
        `UPDATE listener_lanes l SET lease_until = clock_timestamp() + make_interval(secs => $4)
         FROM unnest($2::int[], $3::bigint[]) AS held (lane, epoch)
         WHERE l.lane = held.lane AND l.epoch = held.epoch AND l.holder = $1 AND l.lease_until > clock_timestamp()
         RETURNING l.lane, l.epoch::text`,
        [instance, leases.map(({ lane }) => lane), leases.map(({ epoch }) => epoch), LEASE_MS / 1000],
      );
      return rows;
    },
    claim: async (limit) => {
      const { rows } = await db.query<LaneRow>(
        `UPDATE listener_lanes SET holder = $1, epoch = epoch + 1, held_since = clock_timestamp(),
           lease_until = clock_timestamp() + make_interval(secs => $4)
         WHERE lane IN (
           SELECT lane FROM listener_lanes
           WHERE lane < $2 AND (lease_until IS NULL OR lease_until < clock_timestamp())
           ORDER BY lane LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING lane, epoch::text`,
        [instance, laneCount, limit, LEASE_MS / 1000],
      );
      return rows;
    },
    release: async ({ lane, epoch }) => {
      await db.query(
        `UPDATE listener_lanes SET holder = NULL, lease_until = NULL, held_since = NULL
         WHERE lane = $1 AND epoch = $2 AND holder = $3`,
        [lane, epoch, instance],
      );
    },
    liveInstances: async () => {
      const { rows } = await db.query<{ instance: string }>(
        `SELECT i.instance FROM service_instances i
         WHERE i.service = 'listener' AND i.stopped_at IS NULL
           AND i.last_seen_at > clock_timestamp() - make_interval(secs => $1)
           AND NOT EXISTS (SELECT 1 FROM listener_lanes l WHERE l.holder = i.instance AND l.lease_until < clock_timestamp())`,
        [REPLICA_TIMEOUT_MS / 1000],
      );
      return rows.map((row) => row.instance);
    },
  };
}
