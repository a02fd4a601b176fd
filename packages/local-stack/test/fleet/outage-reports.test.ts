import { SERVICE_NAMES, type ServiceName } from '@infoscreen/shared-types';
import { eventually } from '@infoscreen/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type BehindProxies, type StartedService, startBehindProxies } from './behind-proxies.ts';

/** Tries of connecting after which one line per try would show. */
const SEVERAL = 5;

describe('bad news is told', () => {
  let behind: BehindProxies;
  beforeEach(async () => {
    behind = await startBehindProxies();
  });
  afterEach(() => behind.stop());

  const readyz = async ({ url }: StartedService) => {
    const answer = await fetch(`${url}/readyz`);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const lines = ({ process }: StartedService, ...messages: string[]) =>
    process.logRecords().filter(({ message }) => messages.includes(String(message)));
  /** What was told more than once, of one loop or connection each. */
  const repeated = ({ process }: StartedService) => {
    const told = process
      .logRecords()
      .filter(({ level }) => level === 'warn' || level === 'error')
      .map(({ message, loop, mqtt_client_id: client, stream, lane }) =>
        [message, loop, client, stream, lane].join(' '),
      );
    return told.filter((line, index) => told.indexOf(line) !== index);
  };

  it.each(SERVICE_NAMES)(
    'by a %s whose database is away',
    async (name) => {
      const service = await behind.start(name);
      expect(await service.metric('infoscreen_database_up{')).toBe(1);
      await behind.database.goAway();
      await eventually(async () => (await readyz(service)).status === 503);
      await eventually(async () => (await service.metric('infoscreen_database_up{')) === 0);
      await eventually(() => behind.database.tries() >= SEVERAL, { deadlineMs: 30_000 });
      const { body } = await readyz(service);
      expect(body['ready']).toBe(false);
      expect(body['database']).toBe(name === 'server' ? 'unreachable' : 'down');
      await behind.database.comeBack();
      await eventually(async () => (await readyz(service)).status === 200);
      await eventually(async () => (await service.metric('infoscreen_database_up{')) === 1);
      expect(lines(service, 'database does not answer, trying again')).toHaveLength(1);
      expect(lines(service, 'database answers again')).toHaveLength(1);
      expect(repeated(service)).toEqual([]);
    },
    90_000,
  );

  /** Only a listener can't do its own work without a broker: the others stay ready, and say so in the body. */
  const STATUS_WITHOUT_BROKER = { server: 200, listener: 503, scheduler: 200 } as const;
  const saysDisconnected = (name: ServiceName, body: Record<string, unknown>) =>
    name === 'listener'
      ? body['mqtt'] === 'disconnected'
      : (body['broker'] as { connected: boolean }).connected === false;

  it.each(SERVICE_NAMES)(
    'by a %s whose broker is away',
    async (name) => {
      const service = await behind.start(name);
      await behind.broker.goAway();
      await eventually(async () => (await service.metric('infoscreen_mqtt_connected{')) === 0);
      await eventually(async () => saysDisconnected(name, (await readyz(service)).body));
      expect((await readyz(service)).status).toBe(STATUS_WITHOUT_BROKER[name]);
      // The pauses of the one connection of a scheduler grow to ten seconds each, at random.
      await eventually(() => behind.broker.tries() >= 2 * SEVERAL, { deadlineMs: 90_000 });
      await behind.broker.comeBack();
      await eventually(async () => (await service.metric('infoscreen_mqtt_connected{')) === 1, {
        deadlineMs: 30_000,
      });
      const lost = ['mqtt connection lost, trying again', 'mqtt connection failed, trying again'];
      const lastOfEach = () =>
        new Map(
          lines(service, 'mqtt connected', ...lost).map((line) => [line['mqtt_client_id'], line['message']]),
        );
      await eventually(() => [...lastOfEach().values()].every((message) => message === 'mqtt connected'), {
        deadlineMs: 30_000,
        what: 'every connection is back',
      });
      const losers = lines(service, ...lost).map(({ mqtt_client_id: client }) => client);
      expect(losers.length).toBeGreaterThan(0);
      expect(new Set(losers).size).toBe(losers.length);
      expect(repeated(service)).toEqual([]);
    },
    180_000,
  );
});
