import { MAX_PAYLOAD_BYTES, parseInboundMessage } from '@infoscreen/shared-types';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ScreenBench, startScreenBench } from './screen-bench.ts';

describe('a screen that misbehaves', () => {
  let bench: ScreenBench;
  beforeEach(async () => {
    bench = await startScreenBench();
  });
  afterEach(() => bench.stop());

  it('reports its player crashed until it is restarted', async () => {
    const { broker, screen, build, send, untilAck } = bench;
    screen.crash();
    await broker.until('crashed', () =>
      broker.on('health').find(({ body }) => body.process_status === 'crashed'),
    );
    await untilAck(await send(build()), 'completed');
    const seen = broker.heard.length;
    await broker.until('running', () =>
      broker.heard.slice(seen).find(({ body }) => body?.process_status === 'running'),
    );
  });

  it('hangs connected and silent, and catches up when it recovers', async () => {
    const { broker, screen, build, send, untilAck } = bench;
    await broker.until('heartbeat', () => broker.on('heartbeat').length > 0);
    screen.hang();
    const id = await send(build());
    await broker.until('silence, once what was on its way has come', silenceOf(broker.heard));
    expect(broker.connectedIds()).toEqual([screen.uuid]);
    screen.recover();
    await untilAck(id, 'completed');
  });

  it('lets commands vanish while its heartbeats go on', async () => {
    const { broker, screen, build, send, statuses, untilAck } = bench;
    screen.ignoreCommands();
    const message = build();
    await send(message);
    const seen = broker.on('heartbeat').length;
    await broker.until('three more heartbeats', () => broker.on('heartbeat').length >= seen + 3);
    expect(statuses(message.command_id)).toEqual([]);
    screen.recover();
    await send(message);
    await untilAck(message.command_id, 'completed');
  });

  it('reports a failed service at once and in every health report until it is well', async () => {
    const { broker, screen } = bench;
    screen.failService({ unit: 'kiosk.service', reason: 'exit-code', restarts: 5 });
    const { body } = await broker.until('service_failed', () => broker.on('service_failed')[0]);
    expect(body).toMatchObject({ unit: 'kiosk.service', reason: 'exit-code', restarts: 5 });
    await broker.until('failed_units', () =>
      broker.on('health').find((health) => health.body.failed_units[0]?.failed_at === body.failed_at),
    );
    screen.recoverService('kiosk.service');
    const seen = broker.on('health').length;
    await broker.until('well', () =>
      broker
        .on('health')
        .slice(seen)
        .find((health) => health.body.failed_units.length === 0),
    );
  });

  it('lies in every way that the contract refuses or sees through', async () => {
    const { broker, screen } = bench;
    const reasonOf = (text: string, suffix: string) => {
      const parsed = parseInboundMessage(`infoscreen/${screen.uuid}/${suffix}`, Buffer.from(text));
      return parsed.ok === false ? parsed.reason : 'accepted';
    };
    const last = () =>
      broker.heard.findLast(({ topic }) => !topic.endsWith('/heartbeat') && !topic.endsWith('/health'));
    const lastHealth = (wanted: (text: string) => boolean) =>
      broker.until('the lie', () => broker.on('health').find(({ text }) => wanted(text)));
    await screen.lie.foreignUuid();
    expect(reasonOf(last()?.text ?? '', 'commands/ack')).toBe('uuid_mismatch');
    await screen.lie.wrongCommandId();
    expect(reasonOf(last()?.text ?? '', 'commands/ack')).toBe('accepted');
    await screen.lie.retainedAck('22222222-2222-4222-8222-222222222222');
    expect(last()).toMatchObject({ retain: true });
    await screen.lie.brokenJson();
    expect(reasonOf((await lastHealth((text) => text.endsWith('runn'))).text, 'health')).toBe('invalid_json');
    await screen.lie.oversizePayload();
    expect(reasonOf((await lastHealth((text) => text.length > MAX_PAYLOAD_BYTES)).text, 'health')).toBe(
      'payload_too_large',
    );
    await screen.lie.ackStorm('22222222-2222-4222-8222-222222222222', 200);
    expect(broker.on('commands/ack').length).toBeGreaterThanOrEqual(200);
  });
});

describe('a naive twin', () => {
  it('runs a command as often as it arrives', async () => {
    const bench = await startScreenBench({ withoutDeduplication: true });
    const message = bench.build();
    await bench.send(message);
    await bench.send(message, 'command');
    await bench.broker.until('two executions', () => bench.screen.executions.length === 2);
    await bench.stop();
  });

  it('runs a command that was meant for an earlier boot', async () => {
    const bench = await startScreenBench({ withoutBootFence: true });
    const id = await bench.send(bench.build({ boot_id: 'an-earlier-boot' }));
    await bench.untilAck(id, 'completed');
    expect(bench.screen.executions.map(({ commandId }) => commandId)).toEqual([id]);
    await bench.stop();
  });
});

describe('a legacy agent', () => {
  it('reports no boot id, and speaks on the older topics alone', async () => {
    const bench = await startScreenBench({ isLegacy: true });
    const { broker, screen, build, send, untilAck, statuses } = bench;
    const unheard = await send(build({ boot_id: null }));
    const reboot = await send(build({ boot_id: null, action: 'reboot_host' }), 'command');
    const { topic } = await untilAck(reboot, 'completed');
    expect(topic).toBe(`infoscreen/${screen.uuid}/command/ack`);
    expect(statuses(unheard)).toEqual([]);
    expect(broker.heard[1]).toMatchObject({ topic: 'infoscreen/discovery', body: { uuid: screen.uuid } });
    expect(broker.heard.filter(({ text }) => text.includes('boot_id'))).toEqual([]);
    await bench.stop();
  });
});

/** Whether nothing has been said for several intervals of heartbeat and health. */
function silenceOf(heard: readonly unknown[]): () => boolean {
  let seen = heard.length;
  let since = Date.now();
  return () => {
    if (heard.length !== seen) [seen, since] = [heard.length, Date.now()];
    return Date.now() - since >= 500;
  };
}
