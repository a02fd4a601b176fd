import { readSchemaState } from '@infoscreen/prisma';
import type { DatabaseWatch, Metrics } from '@infoscreen/service-kit';
import express, { type Router } from 'express';
import type { SystemDeps } from './system.ts';

export interface OperationsDeps extends Pick<SystemDeps, 'broker'> {
  readonly watch: Pick<DatabaseWatch, 'ask'>;
  readonly metrics: Metrics;
  readonly isStopping: () => boolean;
}

/**
 * `/healthz`, `/readyz` and `/metrics`, without a session. `/readyz` is 503 only while this server can't do its own
 * work: no database, another schema, or on its way out. The broker's state stands in the body.
 */
export function operations({ watch, broker, metrics, isStopping }: OperationsDeps): Router {
  const router = express.Router({ caseSensitive: true });
  router.get('/healthz', (_req, res) => {
    res.set('cache-control', 'no-store').json({ status: 'ok' });
  });
  router.get('/readyz', async (_req, res) => {
    const database = await databaseState(watch);
    const ready = database === 'ready' && !isStopping();
    res
      .status(ready ? 200 : 503)
      .set('cache-control', 'no-store')
      .json({ ready, stopping: isStopping(), database, broker: { connected: broker.connected } });
  });
  router.get('/metrics', async (_req, res) => {
    res
      .set('cache-control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.text());
  });
  return router;
}

async function databaseState(
  watch: OperationsDeps['watch'],
): Promise<'ready' | 'unreachable' | 'schema_too_old' | 'schema_too_new'> {
  try {
    const { fit } = await watch.ask((db) => readSchemaState(db));
    return fit === 'ready' ? 'ready' : `schema_${fit}`;
  } catch {
    return 'unreachable';
  }
}
