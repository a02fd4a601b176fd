import { freePort } from '@infoscreen/local-stack';
import { eventually, type ServiceProcess, startProcess, startTcpProxy } from '@infoscreen/test-kit';
import type { StreamMark } from './crash-points.ts';
import { StreamWatch } from './stream-watch.ts';

export interface VictimOptions {
  readonly service: 'server' | 'scheduler';
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** A process that reaches database and broker through links on which it can be stopped at a mark. */
export interface Victim {
  /** How its present life, or the one that has just ended, signs its work. */
  readonly instance: string;
  readonly url: string;
  untilHeld(mark: StreamMark, clientUuid: string): Promise<void>;
  /** kill -9, and both links reset: what was held is lost. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startVictim({ service, name, settings }: VictimOptions): Promise<Victim> {
  const watch = new StreamWatch();
  const databaseUrl = new URL(settings['DATABASE_URL'] ?? '');
  const database = await startTcpProxy({
    target: { host: databaseUrl.hostname, port: Number(databaseUrl.port) },
    inspect: watch.inspectDatabase,
  });
  const broker = await startTcpProxy({
    target: { host: settings['MQTT_HOST'] ?? '', port: Number(settings['MQTT_PORT']) },
    inspect: watch.inspectBroker,
  });
  databaseUrl.host = `${database.host}:${database.port}`;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...settings,
    DATABASE_URL: databaseUrl.href,
    MQTT_HOST: broker.host,
    MQTT_PORT: String(broker.port),
    [service === 'server' ? 'PORT' : 'OPS_PORT']: String(port),
  };
  let life = 0;
  const instance = () => `${name}-life-${life}`;
  const start = async (): Promise<ServiceProcess> => {
    life += 1;
    const started = await startProcess({
      entry: `packages/${service}/dist/main.js`,
      env: { ...env, INSTANCE_ID: instance() },
      readyUrl: `${url}/readyz`,
    });
    await eventually(
      async () =>
        (await (await fetch(`${url}/readyz`)).text()).match(/"connected":true|:"connected"/) !== null,
      {
        what: `${name} is connected to the broker`,
      },
    );
    return started;
  };
  let process = await start();
  return {
    get instance() {
      return instance();
    },
    url,
    untilHeld: (mark, clientUuid) => watch.untilHeld(mark, clientUuid),
    kill: async () => {
      watch.disarm();
      await process.kill('SIGKILL');
      database.cut();
      broker.cut();
    },
    restart: async () => {
      process = await start();
    },
    stop: async () => {
      await process.stop();
      await database.stop();
      await broker.stop();
    },
  };
}
