import type { Queryable } from '@infoscreen/prisma';
import { cleanText } from '@infoscreen/shared-types';
import type { RejectedMessage } from './rejection-book.ts';

const MAX_TOPIC_LENGTH = 255;
const MAX_HEAD_BYTES = 1024;

/** What is kept of a refused message: of its payload the length and the first bytes, so that a row is small whatever was sent. */
export interface RejectedRow {
  readonly topic: string;
  readonly clientUuid: string | null;
  readonly reason: string;
  readonly detail: string;
  readonly payloadBytes: number;
  readonly payloadHead: Buffer;
}

export function rejectedRow({ topic, clientUuid, reason, detail, payload }: RejectedMessage): RejectedRow {
  return {
    topic: cleanText(topic).slice(0, MAX_TOPIC_LENGTH),
    clientUuid: clientUuid ?? null,
    reason,
    detail: cleanText(detail),
    payloadBytes: payload.byteLength,
    payloadHead: Buffer.from(payload.subarray(0, MAX_HEAD_BYTES)),
  };
}

/** All of them or none. */
export async function insertRejectedRows(db: Queryable, rows: readonly RejectedRow[]): Promise<void> {
  await db.query(
    `INSERT INTO rejected_messages (received_at, topic, client_uuid, reason, detail, payload_bytes, payload_head)
     SELECT clock_timestamp(), * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::bytea[])`,
    [
      rows.map((row) => row.topic),
      rows.map((row) => row.clientUuid),
      rows.map((row) => row.reason),
      rows.map((row) => row.detail),
      rows.map((row) => row.payloadBytes),
      rows.map((row) => row.payloadHead),
    ],
  );
}
