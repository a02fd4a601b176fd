import type { Queryable } from '@infoscreen/prisma';
import type { Logger, Metrics } from '@infoscreen/service-kit';
import type { Flood } from './flood-watch.ts';

/** Long enough for the broker and its readers to get through what it had taken; a flood that goes on is suspended again. */
const SUSPENDED_SECONDS = 60;
/** While more than so much is left, it is not suspended anew: every lane and replica may see the same flood. */
const ENOUGH_LEFT_SECONDS = 30;

export interface SuspendDeps {
  readonly db: Queryable;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Wants the broker account of a client that floods to be disabled for a while; the server has the broker do so. A client
 * without an account, with a certificate, stays as it is. The result never throws: a flood that goes on is told again.
 */
export function createSuspension({ db, logger, metrics }: SuspendDeps): (flood: Flood) => Promise<void> {
  const suspended = metrics.counter(
    'infoscreen_clients_suspended_total',
    'Broker accounts that were suspended because their client floods.',
    [],
  );
  return async ({ clientUuid, refused, refusedBytes }) => {
    try {
      const { rowCount } = await db.query(
        `UPDATE broker_accounts SET suspended_until = clock_timestamp() + make_interval(secs => $2)
         WHERE client_uuid = $1 AND desired = 'present'
           AND (suspended_until IS NULL OR suspended_until < clock_timestamp() + make_interval(secs => $3))`,
        [clientUuid, SUSPENDED_SECONDS, ENOUGH_LEFT_SECONDS],
      );
      if (rowCount !== 1) return;
      suspended.inc({});
      logger.warn('a client floods, its account is suspended', {
        client_uuid: clientUuid,
        refused,
        refused_bytes: refusedBytes,
        seconds: SUSPENDED_SECONDS,
      });
    } catch (error) {
      logger.warn('a client floods, and its account could not be suspended', {
        client_uuid: clientUuid,
        error,
      });
    }
  };
}
