import type { Queryable } from '@infoscreen/prisma';

export const LEASE_MS = 6000;
/** A replica that hasn't reported itself for so long isn't counted on. */
const REPLICA_TIMEOUT_MS = 15_000;

/** A lease of one lane; the epoch rises with every claim, so that an older holder can't pass for the present one. */
export interface LaneLease {
  readonly lane: number;
  /** Of the set that the lane belongs to. */
  readonly laneCount: number;
  readonly epoch: string;
}

export interface LaneLeases {
  /** Makes the rows of this set that are missing. */
  prepare(): Promise<void>;
  /** @returns those that are still held; a lease that has lapsed is lost, also when nobody took it yet */
  renew(leases: readonly LaneLease[]): Promise<readonly LaneLease[]>;
  /** Takes up to `limit` lanes that nobody holds. */
  claim(limit: number): Promise<readonly LaneLease[]>;
  /**
   * Takes up to `limit` lanes of other sets that nobody holds, once every lane of this set has a session at the broker: from
   * then on whatever comes is kept there, and the others need only be emptied.
   */
  claimRetired(limit: number): Promise<readonly LaneLease[]>;
  release(lease: LaneLease): Promise<void>;
  /** A retired lane is emptied, and its session is gone. */
  remove(lease: LaneLease): Promise<void>;
  /**
   * Names of the listeners of this set that live, by their reports. One whose lease has lapsed doesn't, whatever it
   * reported last.
   */
  liveInstances(): Promise<readonly string[]>;
}

const LEASE_OF_L = 'l.lane, l.lane_count AS "laneCount", l.epoch::text';
const IS_MINE = 'holder = $1 AND lane_count = $2 AND lane = $3 AND epoch = $4';

const claimSql = ({ which, also }: { readonly which: string; readonly also: string }) => `
  UPDATE listener_lanes l SET holder = $1, epoch = epoch + 1, held_since = clock_timestamp(),
    lease_until = clock_timestamp() + make_interval(secs => $4)${also}
  WHERE (lane_count, lane) IN (
    SELECT lane_count, lane FROM listener_lanes
    WHERE ${which} AND (lease_until IS NULL OR lease_until < clock_timestamp())
    ORDER BY lane_count, lane LIMIT $3 FOR UPDATE SKIP LOCKED)
  RETURNING ${LEASE_OF_L}`;

/** Leases in `listener_lanes`. Every time is the database's. */
export function createLaneLeases(db: Queryable, instance: string, laneCount: number): LaneLeases {
  return {
    prepare: async () => {
      await db.query(
        'INSERT INTO listener_lanes (lane_count, lane) SELECT $1, generate_series(0, $1::int - 1) ON CONFLICT DO NOTHING',
        [laneCount],
      );
    },
    renew: async (leases) => {
      if (leases.length === 0) return [];
      const { rows } = await db.query<LaneLease>(
        `UPDATE listener_lanes l SET lease_until = clock_timestamp() + make_interval(secs => $4)
         FROM unnest($2::int[], $3::int[], $5::bigint[]) AS held (lane_count, lane, epoch)
         WHERE l.lane_count = held.lane_count AND l.lane = held.lane AND l.epoch = held.epoch AND l.holder = $1
           AND l.lease_until > clock_timestamp()
         RETURNING ${LEASE_OF_L}`,
        [
          instance,
          leases.map((lease) => lease.laneCount),
          leases.map(({ lane }) => lane),
          LEASE_MS / 1000,
          leases.map(({ epoch }) => epoch),
        ],
      );
      return rows;
    },
    claim: async (limit) => {
      const { rows } = await db.query<LaneLease>(claimSql({ which: 'lane_count = $2', also: '' }), [
        instance,
        laneCount,
        limit,
        LEASE_MS / 1000,
      ]);
      return rows;
    },
    claimRetired: async (limit) => {
      const { rows } = await db.query<LaneLease>(
        claimSql({
          which: `lane_count <> $2 AND NOT EXISTS (
            SELECT 1 FROM listener_lanes own WHERE own.lane_count = $2 AND own.acks_stored_at IS NULL)`,
          // Its session is on its way out: should the set be used again, it counts as missing until it is there again.
          also: ', acks_stored_at = NULL',
        }),
        [instance, laneCount, limit, LEASE_MS / 1000],
      );
      return rows;
    },
    release: async (lease) => {
      await db.query(
        `UPDATE listener_lanes SET holder = NULL, lease_until = NULL, held_since = NULL WHERE ${IS_MINE}`,
        [instance, lease.laneCount, lease.lane, lease.epoch],
      );
    },
    remove: async (lease) => {
      await db.query(`DELETE FROM listener_lanes WHERE ${IS_MINE}`, [
        instance,
        lease.laneCount,
        lease.lane,
        lease.epoch,
      ]);
    },
    liveInstances: async () => {
      const { rows } = await db.query<{ instance: string }>(
        `SELECT i.instance FROM service_instances i
         WHERE i.service = 'listener' AND i.stopped_at IS NULL
           AND i.last_seen_at > clock_timestamp() - make_interval(secs => $1)
           AND coalesce((i.report->>'lane_count')::int, $2) = $2
           AND NOT EXISTS (SELECT 1 FROM listener_lanes l
             WHERE l.lane_count = $2 AND l.holder = i.instance AND l.lease_until < clock_timestamp())`,
        [REPLICA_TIMEOUT_MS / 1000, laneCount],
      );
      return rows.map((row) => row.instance);
    },
  };
}
