import { jsonArray, jsonObject, jsonPlain, jsonTime, jsonWord, type Queryable } from '@infoscreen/prisma';
import type { CommandAction, LockoutView } from '@infoscreen/shared-types';
import { isLockoutAction, LOCKOUT_ACTIONS } from '@infoscreen/shared-types';
import type { LifecycleSettings } from './lifecycle-settings.ts';

export interface LockoutCount {
  /** Issued commands in the window. */
  readonly used: number;
  /** Commands that may still be issued now; infinite for an action that the lockout doesn't cover. */
  readonly remaining: number;
  /** When the next place becomes free; null where none is used. */
  readonly freeAt: Date | null;
  /** Seconds until then by the database's clock, rounded up; 0 while a place is free. */
  readonly retryAfterSeconds: number;
}

/** Which rows `k` of `client_commands` take a place of the lockout; the arguments are SQL. */
export function countedForLockout(clientUuid: string, action: string, windowSeconds: string): string {
  return `k.client_uuid = ${clientUuid} AND k.action = ${action} AND k.counts_for_lockout
    AND k.created_at > clock_timestamp() - make_interval(secs => ${windowSeconds})`;
}

const UNLIMITED: LockoutCount = {
  used: 0,
  remaining: Number.POSITIVE_INFINITY,
  freeAt: null,
  retryAfterSeconds: 0,
};

/**
 * Counts the issued commands of one client and action in the lockout window, by the database's clock.
 * Only a look, unless the caller holds the client's lock (`issueCommand`): then nobody can issue between count and insert.
 */
export async function countLockout(
  db: Queryable,
  { clientUuid, action }: { readonly clientUuid: string; readonly action: CommandAction },
  { lockoutMaxCommands, lockoutWindowSeconds }: LifecycleSettings,
): Promise<LockoutCount> {
  if (!isLockoutAction(action)) return UNLIMITED;
  const { rows } = await db.query<{ used: number; free_at: Date | null; retry_after_seconds: number }>(
    `SELECT used, free_at, greatest(1, ceil(extract(epoch FROM free_at - clock_timestamp())))::int AS retry_after_seconds
     FROM (${countedSql({ clientSql: '$1', actionSql: '$2', maxSql: '$3', windowSql: '$4' })}) counted`,
    [clientUuid, action, lockoutMaxCommands, lockoutWindowSeconds],
  );
  const counted = rows[0];
  if (counted === undefined) throw new Error('the lockout count returned no row');
  const remaining = Math.max(0, lockoutMaxCommands - counted.used);
  return {
    used: counted.used,
    remaining,
    freeAt: counted.free_at,
    retryAfterSeconds: remaining === 0 ? (counted.retry_after_seconds ?? lockoutWindowSeconds) : 0,
  };
}

/**
 * SQL of the JSON array that says what the lockout leaves of one client for now, by action. Only a look.
 * @param clientSql its UUID @param maxSql `lockoutMaxCommands` @param windowSql `lockoutWindowSeconds`
 */
export function lockoutJsonSql(clientSql: string, maxSql: string, windowSql: string): string {
  const view = jsonObject({
    action: jsonWord('action'),
    remaining: jsonPlain(`greatest(0, ${maxSql}::int - used)`),
    free_at: jsonTime('free_at'),
  } satisfies Record<keyof LockoutView, string>);
  const actions = LOCKOUT_ACTIONS.map((action) => `'${action}'`).join(', ');
  return `(SELECT ${jsonArray(view, 'place')} FROM unnest(ARRAY[${actions}]) WITH ORDINALITY covered (action, place),
    LATERAL (${countedSql({ clientSql, actionSql: 'covered.action', maxSql, windowSql })}) counted)`;
}

function countedSql(part: {
  clientSql: string;
  actionSql: string;
  maxSql: string;
  windowSql: string;
}): string {
  // A place becomes free when the oldest leaves the window; with more than max in it, when the newest but max-1 does.
  return `SELECT count(*)::int AS used, (array_agg(created_at ORDER BY created_at DESC))[least(count(*)::int, ${part.maxSql}::int)]
      + make_interval(secs => ${part.windowSql}) AS free_at
    FROM client_commands k WHERE ${countedForLockout(part.clientSql, part.actionSql, part.windowSql)}`;
}
