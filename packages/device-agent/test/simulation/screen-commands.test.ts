import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectBroker } from '../../src/broker/broker-link.ts';
import { type ScreenBench, startScreenBench } from './screen-bench.ts';

const ALL_STEPS = ['accepted', 'execution_started', 'completed'];

describe('a screen that is sent commands', () => {
  let bench: ScreenBench;
  beforeEach(async () => {
    bench = await startScreenBench();
  });
  afterEach(() => bench.stop());

  it('restarts its player and reports each step', async () => {
    const { broker, screen, build, send, untilAck, statuses, acks } = bench;
    const pid = (await broker.until('health', () => broker.on('health')[0])).body.process_pid;
    const id = await send(build());
    await untilAck(id, 'completed');
    expect(statuses(id)).toEqual(ALL_STEPS);
    expect(acks(id)[0]).toMatchObject({
      topic: `infoscreen/${screen.uuid}/commands/ack`,
      body: { boot_id: screen.bootId, timestamp: expect.any(String) },
    });
    await broker.until('a new process', () =>
      broker.on('health').find(({ body }) => body.process_pid !== pid),
    );
    await broker.until('starting', () =>
      broker.heard.find(({ body }) => body?.process_status === 'starting'),
    );
    expect(broker.rejected()).toEqual([]);
  });

  it('runs a command once, however often and on whichever topic it arrives', async () => {
    const { broker, screen, build, send, untilAck, statuses } = bench;
    const message = build();
    await Promise.all([send(message), send(message, 'command'), send(message)]);
    await untilAck(message.command_id, 'completed');
    await send(message, 'command');
    await broker.until(
      'the result again',
      () => statuses(message.command_id).filter((status) => status === 'completed').length === 2,
    );
    expect(screen.executions.map(({ commandId }) => commandId)).toEqual([message.command_id]);
  });

  it('goes away for a reboot and reports it completed with its new boot id', async () => {
    const { broker, screen, build, send, untilAck, statuses } = bench;
    const { bootId } = screen;
    const id = await send(build({ action: 'reboot_host' }));
    const { body } = await untilAck(id, 'completed');
    expect(statuses(id)).toEqual(ALL_STEPS);
    expect(body.boot_id).toBe(screen.bootId);
    expect(body.boot_id).not.toBe(bootId);
    expect(broker.on('presence').map((message) => message.body.online)).toEqual([true, false, true]);
    expect(screen.executions).toHaveLength(1);
  });

  it('does not reboot again when the same reboot arrives after it', async () => {
    const { broker, screen, build, send, untilAck, statuses } = bench;
    const message = build({ action: 'reboot_host' });
    await send(message);
    await untilAck(message.command_id, 'completed');
    await send(message);
    await broker.until('the result again', () => statuses(message.command_id).length === 4);
    expect(screen.executions).toHaveLength(1);
  });

  it('reports a shutdown completed, says goodbye, and stays off', async () => {
    const { broker, screen, build, send, untilAck } = bench;
    const id = await send(build({ action: 'shutdown_host' }));
    await untilAck(id, 'completed');
    await broker.until('goodbye', () => broker.on('presence').find(({ body }) => body.reason === 'shutdown'));
    await broker.until('off', () => !screen.isPoweredOn);
    expect(broker.heard.at(-1)).toMatchObject({ retain: true, body: { online: false, reason: 'shutdown' } });
    await screen.powerOn();
    const heartbeat = await broker.until('heartbeat', () =>
      broker.on('heartbeat').find(({ body }) => body.boot_id === screen.bootId),
    );
    expect(heartbeat.body.recent_results).toEqual([{ command_id: id, status: 'completed' }]);
  });

  it('takes an older reboot for done and refuses any other older command', async () => {
    const { screen, build, send, untilAck } = bench;
    const reboot = await send(build({ action: 'reboot_host', boot_id: 'an-earlier-boot' }));
    const restart = await send(build({ boot_id: 'an-earlier-boot' }));
    await untilAck(reboot, 'completed');
    expect((await untilAck(restart, 'failed')).body.error_code).toBe('boot_changed');
    expect(screen.executions).toEqual([]);
  });

  it('refuses what has expired by its own clock', async () => {
    const { screen, build, send, untilAck } = bench;
    screen.setClockOffset(120_000);
    const { body } = await untilAck(await send(build()), 'failed');
    expect(body.error_code).toBe('expired_on_arrival');
    expect(Date.parse(body.timestamp)).toBeGreaterThan(Date.now() + 100_000);
    expect(screen.executions).toEqual([]);
  });

  it('reports what its host could not do', async () => {
    const { screen, build, send, untilAck, statuses } = bench;
    screen.failNextCommand({ errorCode: 'disk_full', errorMessage: 'no space left' });
    const id = await send(build({ action: 'reboot_host' }));
    expect((await untilAck(id, 'failed')).body).toMatchObject({
      error_code: 'disk_full',
      error_message: 'no space left',
    });
    expect(statuses(id)).toEqual(['accepted', 'execution_started', 'failed']);
    expect(screen.isOnline).toBe(true);
    await untilAck(await send(build()), 'completed');
  });

  it('answers an action that it does not know, and passes over what it cannot read', async () => {
    const { broker, screen, build, send, untilAck } = bench;
    await broker.send(`infoscreen/${screen.uuid}/commands`, '{"command_id": ');
    const unknown = { ...build(), action: 'open_curtain' };
    await broker.send(`infoscreen/${screen.uuid}/commands`, unknown);
    expect((await untilAck(unknown.command_id, 'failed')).body.error_code).toBe('unsupported_action');
    await untilAck(await send(build()), 'completed');
  });

  it('gets a command that was sent while it was off', async () => {
    const { broker, screen, build, send, untilAck } = bench;
    screen.powerOff();
    await broker.until('gone', () => broker.connectedIds().length === 0);
    const id = await send(build({ action: 'reboot_host' }));
    await screen.powerOn();
    await untilAck(id, 'completed');
    expect(screen.executions).toEqual([]);
  });
});

describe('a screen whose broker is slow to confirm the start of a reboot', () => {
  it('does not reboot when the command expires meanwhile', async () => {
    const expiresInMs = 700;
    const bench = await startScreenBench({
      connect: async (options) => {
        const link = await connectBroker(options);
        const publish: typeof link.publish = async (message) => {
          await link.publish(message);
          if (message.payload.includes('execution_started'))
            await new Promise((resolve) => setTimeout(resolve, expiresInMs));
        };
        return { ...link, publish };
      },
    });
    const expiresAt = new Date(Date.now() + expiresInMs).toISOString();
    const id = await bench.send(bench.build({ action: 'reboot_host', expires_at: expiresAt }));
    expect((await bench.untilAck(id, 'failed')).body.error_code).toBe('expired_on_arrival');
    expect(bench.screen.executions).toEqual([]);
    await bench.stop();
  });
});
