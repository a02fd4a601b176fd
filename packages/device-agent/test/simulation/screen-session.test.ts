import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ScreenBench, startScreenBench } from './screen-bench.ts';

describe('the session of a screen', () => {
  let bench: ScreenBench;
  beforeEach(async () => {
    bench = await startScreenBench({ hostname: 'hall-1' });
  });
  afterEach(() => bench.stop());

  it('is opened under its UUID, and begins with a retained presence and its discovery', () => {
    const { broker, screen } = bench;
    expect(broker.connectedIds()).toEqual([screen.uuid]);
    expect(broker.heard.slice(0, 2)).toMatchObject([
      {
        topic: `infoscreen/${screen.uuid}/presence`,
        retain: true,
        qos: 1,
        body: { online: true, session_id: expect.any(String) },
      },
      {
        topic: `infoscreen/${screen.uuid}/discovery`,
        body: { uuid: screen.uuid, hostname: 'hall-1', boot_id: screen.bootId },
      },
    ]);
  });

  it('carries heartbeat and health again and again, all in the shape of the contract', async () => {
    const { broker, screen } = bench;
    await broker.until(
      'three of each',
      () => broker.on('heartbeat').length >= 3 && broker.on('health').length >= 3,
    );
    expect(broker.on('heartbeat')[0]?.body).toMatchObject({
      boot_id: screen.bootId,
      process_status: 'running',
    });
    expect(broker.on('health')[0]?.body).toMatchObject({
      process_status: 'running',
      process_pid: expect.any(Number),
      metrics: { cpu_percent: expect.any(Number) },
      broker_connection: { connected: true, reconnect_count: 0 },
      failed_units: [],
    });
    expect(broker.rejected()).toEqual([]);
  });

  it('ends with the last will when the connection is cut, and is opened again with another session id', async () => {
    const { broker, screen } = bench;
    const first = broker.on('presence')[0]?.body;
    screen.cutConnection();
    const will = await broker.until('the will', () => broker.on('presence').find(({ body }) => !body.online));
    expect(will).toMatchObject({
      retain: true,
      body: { session_id: first.session_id, reason: 'connection_lost' },
    });
    const second = await broker.until(
      'online again',
      () => broker.on('presence').filter(({ body }) => body.online)[1],
    );
    expect(second.body.session_id).not.toBe(first.session_id);
  });

  it('is counted when it flaps', async () => {
    const { broker, screen } = bench;
    await screen.flapConnection({ times: 3 });
    const health = await broker.until('three reconnects', () =>
      broker.on('health').find(({ body }) => body.broker_connection.reconnect_count === 3),
    );
    expect(Date.parse(health.body.broker_connection.last_disconnect_at)).toBeLessThanOrEqual(Date.now());
  });

  it('ends with a word, and without the last will, when the screen is stopped', async () => {
    const { broker, screen } = bench;
    await screen.stop();
    expect(broker.on('presence').map(({ body }) => body.reason)).toEqual([undefined, 'stopped']);
  });

  it('gets a new boot id after a power cut', async () => {
    const { broker, screen } = bench;
    const { bootId } = screen;
    screen.powerOff();
    await broker.until('the will', () =>
      broker.on('presence').find(({ body }) => body.reason === 'connection_lost'),
    );
    expect(screen.isPoweredOn).toBe(false);
    await screen.powerOn();
    await screen.whenOnline();
    expect(screen.bootId).not.toBe(bootId);
    expect(broker.on('discovery').at(-1)?.body.boot_id).toBe(screen.bootId);
  });
});
