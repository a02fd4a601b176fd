import {
  eventually,
  freePort,
  type ServiceProcess,
  startProcess,
  type TestBroker,
} from '@infoscreen/test-kit';
import type pg from 'pg';

export interface FuzzedListener {
  readonly process: ServiceProcess;
  readonly url: string;
}

/** A listener that keeps a row of every refused message; resolves when each of its lanes stores what comes. */
export async function startFuzzedListener(
  broker: TestBroker,
  databaseUrl: string,
  pool: pg.Pool,
): Promise<FuzzedListener> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const process = await startProcess({
    entry: 'packages/listener/dist/main.js',
    env: {
      DATABASE_URL: databaseUrl,
      MQTT_HOST: broker.host,
      MQTT_PORT: String(broker.port),
      MQTT_USER: broker.service.username,
      MQTT_PASSWORD: broker.service.password,
      INSTANCE_ID: 'fuzzed-listener',
      OPS_PORT: String(port),
      LOG_FORMAT: 'json',
      REJECTED_ROWS_PER_MINUTE: '1000000',
    },
    readyUrl: `${url}/readyz`,
  });
  await eventually(() => allLanesFlow(pool), { deadlineMs: 30_000, what: 'all lanes of the listener flow' });
  return { process, url };
}

async function allLanesFlow(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ flowing: boolean }>(
    `SELECT count(*) > 0 AND bool_and(holder IS NOT NULL AND acks_stored_at >= held_since
       AND telemetry_stored_at >= held_since) AS flowing FROM listener_lanes`,
  );
  return rows[0]?.flowing === true;
}
