import type { Queryable } from '@infoscreen/prisma';
import { type healthSampleSchema, MAX_HEALTH_POINTS } from '@infoscreen/shared-types';
import type { z } from 'zod';

export interface HealthRange {
  readonly clientUuid: string;
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

type HealthSample = z.output<typeof healthSampleSchema>;
interface SampleRow extends Omit<HealthSample, 'at'> {
  readonly received_at: Date;
}

/**
 * Health samples of one client, oldest first, at most 1,000: where there are more, one of each of 1,000 equal parts of
 * the range, a crash before anything else. Samples are left out, never invented.
 */
export async function readHealthHistory(
  db: Queryable,
  { clientUuid, from, to }: HealthRange,
): Promise<HealthSample[]> {
  const { rows } = await db.query<SampleRow>(
    `WITH samples AS (
       SELECT *, count(*) OVER () AS total,
         CASE WHEN count(*) OVER () > $4::int THEN
           width_bucket(extract(epoch FROM received_at)::float8, extract(epoch FROM $2::timestamptz)::float8,
             extract(epoch FROM $3::timestamptz)::float8, $4::int)
         ELSE row_number() OVER (ORDER BY received_at) END AS part
       FROM health_samples WHERE client_uuid = $1 AND received_at >= $2 AND received_at < $3
     )
     SELECT DISTINCT ON (least(part, $4::int)) received_at, process_status, cpu_percent, memory_percent, disk_percent,
       temperature_c, mqtt_reconnect_count
     FROM samples
     ORDER BY least(part, $4::int), (process_status IS NOT DISTINCT FROM 'crashed') DESC, received_at`,
    [clientUuid, from, to, MAX_HEALTH_POINTS],
  );
  return rows.map(({ received_at, ...sample }) => ({ ...sample, at: received_at.toISOString() }));
}
