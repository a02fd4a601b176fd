import type { Database, Queryable } from '@infoscreen/prisma';
import type { Logger } from '../logging/logger.ts';
import { createLoop } from '../loop/create-loop.ts';
import type { Metrics } from '../metrics/create-metrics.ts';
import { settledWithin } from './settled-within.ts';

const INTERVAL_MS = 2000;
/** Whoever asks for readiness waits no longer. */
const ANSWER_MS = 2000;

export interface DatabaseWatchOptions {
  readonly pool: Database['pool'];
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface DatabaseWatch {
  start(): void;
  stop(): Promise<void>;
  /** Runs `ask` against the database. @throws when the answer doesn't come in 2 s, or is an error */
  ask<T>(ask: (db: Queryable) => Promise<T>): Promise<T>;
}

/**
 * Says whether the database answers: as a metric, and in one log line per change, however many statements of whatever
 * part of the service fail meanwhile.
 */
export function createDatabaseWatch({ pool, logger, metrics }: DatabaseWatchOptions): DatabaseWatch {
  let isUp = true;
  metrics.gauge('infoscreen_database_up', 'Whether the database answers.', [], (gauge) =>
    gauge.set(isUp ? 1 : 0),
  );
  metrics.gauge('infoscreen_database_connections', 'Connections of the pool.', ['state'], (gauge) => {
    gauge.set(pool.totalCount - pool.idleCount, { state: 'in_use' });
    gauge.set(pool.idleCount, { state: 'idle' });
    gauge.set(pool.waitingCount, { state: 'waited_for' });
  });
  const note = (error: unknown) => {
    const wasUp = isUp;
    isUp = error === undefined;
    if (wasUp && !isUp) logger.warn('database does not answer, trying again', { error });
    if (!wasUp && isUp) logger.info('database answers again');
  };
  const ask: DatabaseWatch['ask'] = async (question) => {
    const answer = question(pool);
    if (!(await settledWithin(ANSWER_MS, answer))) throw new Error(`no answer within ${ANSWER_MS} ms`);
    return answer;
  };
  const loop = createLoop({
    name: 'database_watch',
    intervalMs: INTERVAL_MS,
    logger,
    runOnce: async () => {
      await ask((db) => db.query('SELECT 1')).then(() => note(undefined), note);
    },
  });
  return { start: () => loop.start(), stop: () => loop.stop(), ask };
}
