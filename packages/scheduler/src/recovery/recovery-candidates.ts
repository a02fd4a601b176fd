import type { Queryable } from '@infoscreen/prisma';
import { crashReason, isUnreachable, type ProcessStatus } from '@infoscreen/shared-types';
import type { ClientCondition, Ladder } from './decide-recovery.ts';

/** Clients read at once. A cycle reads page after page: no client waits behind others that stay on a ladder. */
const PAGE_SIZE = 500;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

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
export async function* findRecoveryCandidates(
  db: Queryable,
  { graceSeconds }: { readonly graceSeconds: number },
): AsyncGenerator<RecoveryCandidate> {
  let after = BEFORE_ALL;
  for (let isLast = false; !isLast; ) {
    const page = await readPage(db, { graceSeconds, after });
    yield* page;
    after = page.at(-1)?.clientUuid ?? after;
    isLast = page.length < PAGE_SIZE;
  }
}

async function readPage(
  db: Queryable,
  { graceSeconds, after }: { readonly graceSeconds: number; readonly after: string },
): Promise<readonly RecoveryCandidate[]> {
  const { rows } = await db.query<CandidateRow>(
    `SELECT s.client_uuid, s.last_message_at, s.last_alive, s.presence_online, s.process_status,
       r.attempts, r.next_at, r.exhausted_at, r.healthy_since, now() AS now
     FROM client_states s
     JOIN clients c ON c.uuid = s.client_uuid AND c.deleted_at IS NULL AND NOT c.pending
     LEFT JOIN crash_recoveries r ON r.client_uuid = s.client_uuid
     WHERE s.client_uuid > $3 AND (r.client_uuid IS NOT NULL
       OR (s.last_message_at > now() - make_interval(secs => $1)
         AND (s.process_status = 'crashed' OR s.last_alive <= now() - make_interval(secs => $1))))
     ORDER BY s.client_uuid LIMIT $2`,
    [graceSeconds, PAGE_SIZE, after],
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
