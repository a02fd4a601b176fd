import type { Queryable } from '@infoscreen/prisma';
import { crashReason, isUnreachable, type ProcessStatus } from '@infoscreen/shared-types';
import type { ClientCondition, Ladder } from './decide-recovery.ts';

/** Clients looked at in one cycle; the rest follows in the next ones, those that wait longest first. */
const CANDIDATE_LIMIT = 500;

export interface RecoveryCandidate {
  readonly clientUuid: string;
  readonly condition: ClientCondition;
  readonly ladder: Ladder | null;
  /** The database's clock when it was read, in milliseconds since the epoch. */
  readonly now: number;
}

interface CandidateRow {
  readonly client_uuid: string;
  readonly last_message_at: Date | null;
  readonly last_alive: Date | null;
  readonly presence_online: boolean | null;
  readonly process_status: ProcessStatus | null;
  readonly attempts: number | null;
  readonly next_at: Date | null;
  readonly exhausted_at: Date | null;
  readonly healthy_since: Date | null;
  readonly now: Date;
}

/** Clients that may be crashed, and all that are on a ladder. The shared status rule judges them, not this query. */
export async function findRecoveryCandidates(
  db: Queryable,
  { graceSeconds }: { readonly graceSeconds: number },
): Promise<readonly RecoveryCandidate[]> {
  const { rows } = await db.query<CandidateRow>(
    `SELECT s.client_uuid, s.last_message_at, s.last_alive, s.presence_online, s.process_status,
       r.attempts, r.next_at, r.exhausted_at, r.healthy_since, now() AS now
     FROM client_states s
     JOIN clients c ON c.uuid = s.client_uuid AND c.deleted_at IS NULL AND NOT c.pending
     LEFT JOIN crash_recoveries r ON r.client_uuid = s.client_uuid
     WHERE r.client_uuid IS NOT NULL
       OR (s.last_message_at > now() - make_interval(secs => $1)
         AND (s.process_status = 'crashed' OR s.last_alive <= now() - make_interval(secs => $1)))
     ORDER BY r.next_at NULLS FIRST, s.client_uuid LIMIT $2`,
    [graceSeconds, CANDIDATE_LIMIT],
  );
  return rows.map((row) => toCandidate(row, graceSeconds * 1000));
}

function toCandidate(row: CandidateRow, graceMs: number): RecoveryCandidate {
  const clock = { now: row.now.getTime(), graceMs };
  const facts = {
    lastMessageAt: row.last_message_at?.getTime() ?? null,
    lastAliveAt: row.last_alive?.getTime() ?? null,
    presenceOnline: row.presence_online,
    processStatus: row.process_status,
  };
  const isCrashed = crashReason(facts, clock) !== null;
  return {
    clientUuid: row.client_uuid,
    condition: isUnreachable(facts, clock) ? 'offline' : isCrashed ? 'crashed' : 'well',
    ladder:
      row.attempts === null
        ? null
        : {
            attempts: row.attempts,
            nextAt: row.next_at?.getTime() ?? null,
            isExhausted: row.exhausted_at !== null,
            healthySince: row.healthy_since?.getTime() ?? null,
          },
    now: clock.now,
  };
}
