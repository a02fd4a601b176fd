import { eventually, startReplica, startTcpProxy } from '@infoscreen/test-kit';
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
  let life = 1;
  const instance = () => `${name}-life-${life}`;
  const replica = await startReplica(service, {
    ...settings,
    DATABASE_URL: databaseUrl.href,
    MQTT_HOST: broker.host,
    MQTT_PORT: String(broker.port),
    INSTANCE_ID: instance(),
  });
  const untilConnected = () =>
    eventually(
      async () =>
        (await (await fetch(`${replica.url}/readyz`)).text()).match(/"connected":true|:"connected"/) !== null,
      { what: `${name} is connected to the broker` },
    );
  await untilConnected();
  return {
    get instance() {
      return instance();
    },
    url: replica.url,
    untilHeld: (mark, clientUuid) => watch.untilHeld(mark, clientUuid),
    kill: async () => {
      watch.disarm();
      await replica.process.kill('SIGKILL');
      database.cut();
      broker.cut();
    },
    restart: async () => {
      life += 1;
      await replica.restart({ INSTANCE_ID: instance() });
      await untilConnected();
    },
    stop: async () => {
      await replica.process.stop();
      await database.stop();
      await broker.stop();
    },
  };
}
