import type { Queryable } from '@infoscreen/prisma';
import type { ClientIdentity } from './client-identity.ts';

export interface WrittenSessionNews {
  readonly clientUuid: string;
  /** There is such a client, and it isn't deleted. */
  readonly isKnown: boolean;
  /** Somebody else holds the client's state: nothing was written. */
  readonly isLocked: boolean;
  /** The boot that was stored before; `null` where there was none. */
  readonly bootId: string | null;
  readonly hasRebooted: boolean;
  /** The boot may prove a command, and isn't stored yet. */
  readonly mayProveReboot: boolean;
  /** It is offline, and that may prove a command. */
  readonly mayProveShutdown: boolean;
}

/** A last will may arrive after the device is back: one that names another session than the one that is online is ignored. */
const isOutdated = (state: string) => `
  (NOT t.online AND ${state}.presence_online IS TRUE AND t.session_id IS NOT NULL
    AND ${state}.presence_session_id IS NOT NULL AND ${state}.presence_session_id <> t.session_id)`;

/** Retained messages come again at every connect, so what is known already isn't written again. */
const moves = (state: string) => `
  (t.online IS NOT NULL AND NOT ${isOutdated(state)}
    AND (${state}.presence_online, ${state}.presence_session_id, ${state}.presence_reason)
      IS DISTINCT FROM (t.online, t.session_id, t.reason))`;

const isOtherBoot = (state: string) =>
  `(t.boot_id IS NOT NULL AND ${state}.boot_id IS DISTINCT FROM t.boot_id)`;

/** Whether a command of this action may yet have to be proven; it is looked at closely where the proof is recorded. */
const mayProve = (action: string) => `
  EXISTS (SELECT FROM client_commands k WHERE k.client_uuid = t.uuid AND k.action = '${action}'
    AND k.effect_observed IS DISTINCT FROM true AND k.publish_attempt > 0)`;

/**
 * Times are the database's, less the age of the message. A row that another transaction holds is skipped. Boot ids never
 * come back, so one that is recorded already came with a late message and changes nothing.
 */
const WRITE_SQL = `
  WITH told AS MATERIALIZED (
    SELECT *, clock_timestamp() - make_interval(secs => age) AS at
    FROM unnest($1::uuid[], $2::float8[], $3::text[], $4::bool[], $5::text[], $6::text[])
      AS t (uuid, age, boot_id, online, session_id, reason)
  ), known AS MATERIALIZED (
    SELECT t.uuid, s.presence_online, t.at IS NOT NULL OR ${moves('s')} OR ${isOtherBoot('s')} AS is_news
    FROM told t JOIN clients c ON c.uuid = t.uuid AND c.deleted_at IS NULL JOIN client_states s ON s.client_uuid = t.uuid
  ), locked AS MATERIALIZED (
    SELECT s.client_uuid AS uuid, s.boot_id, s.presence_online, s.presence_session_id, s.presence_reason
    FROM client_states s WHERE s.client_uuid IN (SELECT uuid FROM known WHERE is_news)
    ORDER BY s.client_uuid FOR NO KEY UPDATE SKIP LOCKED
  ), decided AS MATERIALIZED (
    SELECT t.*, l.boot_id AS stored_boot_id, l.presence_online, ${moves('l')} AS moves, ${isOtherBoot('l')} AS is_other_boot,
      ${isOtherBoot('l')} AND l.boot_id IS NOT NULL AND ${mayProve('reboot_host')} AS may_prove_reboot
    FROM told t JOIN locked l USING (uuid)
  ), booted AS (
    INSERT INTO client_boots (client_uuid, boot_id, first_seen_at)
    SELECT uuid, boot_id, clock_timestamp() FROM decided WHERE is_other_boot AND NOT may_prove_reboot ORDER BY uuid
    ON CONFLICT DO NOTHING RETURNING client_uuid AS uuid, boot_id
  ), stored AS (
    UPDATE client_states s SET
      last_message_at = greatest(s.last_message_at, d.at),
      presence_online = CASE WHEN d.moves THEN d.online ELSE s.presence_online END,
      presence_session_id = CASE WHEN d.moves THEN d.session_id ELSE s.presence_session_id END,
      presence_reason = CASE WHEN d.moves THEN d.reason ELSE s.presence_reason END,
      presence_at = CASE WHEN d.moves THEN clock_timestamp() ELSE s.presence_at END,
      boot_id = coalesce(b.boot_id, s.boot_id)
    FROM decided d LEFT JOIN booted b USING (uuid)
    WHERE s.client_uuid = d.uuid
  )
  SELECT t.uuid AS "clientUuid", k.uuid IS NOT NULL AS "isKnown",
    coalesce(k.is_news, false) AND d.uuid IS NULL AS "isLocked", d.stored_boot_id AS "bootId",
    b.uuid IS NOT NULL AND d.stored_boot_id IS NOT NULL AS "hasRebooted",
    coalesce(d.may_prove_reboot, false) AS "mayProveReboot",
    coalesce(t.online IS FALSE AND (d.moves OR coalesce(d.presence_online, k.presence_online) IS FALSE)
      AND ${mayProve('shutdown_host')}, false) AS "mayProveShutdown"
  FROM told t LEFT JOIN known k USING (uuid) LEFT JOIN decided d USING (uuid) LEFT JOIN booted b USING (uuid)`;

/**
 * Stores that the devices live, their boots and their presence.
 * @param identities in the order of the UUIDs, each client once
 */
export async function writeSessionNews(
  db: Queryable,
  identities: readonly ClientIdentity[],
): Promise<readonly WrittenSessionNews[]> {
  if (identities.length === 0) return [];
  const nowMs = Date.now();
  const { rows } = await db.query<WrittenSessionNews>(WRITE_SQL, [
    identities.map(({ clientUuid }) => clientUuid),
    identities.map(({ aliveAtMs }) => (aliveAtMs === null ? null : Math.max(0, nowMs - aliveAtMs) / 1000)),
    identities.map(({ bootId }) => bootId ?? null),
    identities.map(({ presence }) => presence?.isOnline ?? null),
    identities.map(({ presence }) => presence?.sessionId ?? null),
    identities.map(({ presence }) => presence?.reason ?? null),
  ]);
  return rows;
}
