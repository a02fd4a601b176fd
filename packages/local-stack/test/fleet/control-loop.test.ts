import { commandMessageSchema } from '@infoscreen/shared-types';
import { availableBrokers, connectMqtt, eventually, type Fleet, startFleet } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commandOf, path, send, untilEnded } from './command-steps.ts';

describe.each(availableBrokers())('the control loop over the %s broker', (kind) => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({ broker: kind });
  }, 90_000);
  afterAll(() => fleet?.stop());

  it('reboots a screen: sent on both topics, answered, completed, and proven by the new boot', async () => {
    const screen = await fleet.addScreen();
    const watcher = await connectMqtt({
      port: fleet.broker.port,
      clientId: 'watcher',
      ...fleet.broker.service,
    });
    await watcher.subscribe('infoscreen/+/commands');
    await watcher.subscribe('infoscreen/+/command');
    const bootBefore = screen.bootId;
    const commandId = await send(fleet.admin, screen.uuid, 'restart');
    const command = await untilEnded(fleet.admin, commandId);

    expect(command).toMatchObject({
      status: 'completed',
      action: 'reboot_host',
      requestedBy: 'admin',
      reason: 'a story',
      errorCode: null,
    });
    // A screen may be faster than the mark that the broker took the command; then that step is skipped.
    expect(path(command).filter((status) => status !== 'published')).toEqual([
      'queued',
      'publish_in_progress',
      'ack_received',
      'execution_started',
      'completed',
    ]);
    expect(command.publishedAt).not.toBeNull();
    expect(screen.executions.map((execution) => execution.commandId)).toEqual([commandId]);
    const proven = await eventually(async () => {
      const now = await commandOf(fleet.admin, commandId);
      return now.effectObserved === true ? now : undefined;
    });
    expect(proven.effectBootId).toBe(screen.bootId);
    expect(screen.bootId).not.toBe(bootBefore);

    const sent = watcher.messages.filter(({ payload }) => payload.toString().includes(commandId));
    expect(sent.map(({ topic }) => topic).sort()).toEqual([
      `infoscreen/${screen.uuid}/command`,
      `infoscreen/${screen.uuid}/commands`,
    ]);
    for (const { payload } of sent) {
      expect(commandMessageSchema.parse(JSON.parse(payload.toString()))).toMatchObject({
        schema_version: '1.0',
        command_id: commandId,
        action: 'reboot_host',
        boot_id: bootBefore,
      });
    }
    await watcher.end();
  });

  it('restarts the app, and shuts a screen down, which its presence proves', async () => {
    const screen = await fleet.addScreen();
    expect(await untilEnded(fleet.admin, await send(fleet.admin, screen.uuid, 'restart_app'))).toMatchObject({
      status: 'completed',
    });
    const commandId = await send(fleet.admin, screen.uuid, 'shutdown');
    expect(await untilEnded(fleet.admin, commandId)).toMatchObject({ status: 'completed' });
    await eventually(async () => (await commandOf(fleet.admin, commandId)).effectObserved === true, {
      what: 'the shutdown is proven',
    });
    const { json } = await fleet.admin.call('GET', `/api/clients/${screen.uuid}`);
    expect(json).toMatchObject({ status: 'unreachable', presence_online: false });
  });

  it('reports what a screen refuses as failed, with its reason', async () => {
    const screen = await fleet.addScreen();
    screen.failNextCommand({ errorCode: 'host_command_failed', errorMessage: 'no permission' });
    const command = await untilEnded(fleet.admin, await send(fleet.admin, screen.uuid, 'restart_app'));
    expect(command).toMatchObject({
      status: 'failed',
      errorCode: 'host_command_failed',
      errorMessage: 'no permission',
    });
  });

  it('serves an older agent over the old topics, once', async () => {
    const screen = await fleet.addScreen({ isLegacy: true });
    const command = await untilEnded(fleet.admin, await send(fleet.admin, screen.uuid, 'restart_app'));
    expect(command).toMatchObject({ status: 'completed', bootId: null });
    // The server counts the publish when it has seen the broker's acknowledgement, perhaps after the screen's.
    const sent = await eventually(async () => {
      const { publishCount } = await commandOf(fleet.admin, command.commandId);
      return publishCount > 0 ? publishCount : undefined;
    });
    expect(sent).toBe(1);
    expect(screen.executions).toHaveLength(1);
  });

  it('shows a failed service until somebody acknowledges it, and again when it fails anew', async () => {
    const screen = await fleet.addScreen();
    const failed = async () =>
      (await fleet.admin.call('GET', '/api/clients/service_failed')).json.items.filter(
        (item: { client_uuid: string }) => item.client_uuid === screen.uuid,
      );
    screen.failService({ unit: 'player.service', reason: 'exit code 1', restarts: 3 });
    await eventually(async () => (await failed()).length === 1, { what: 'the failure is shown' });
    const { json } = await fleet.admin.call('POST', `/api/clients/${screen.uuid}/clear_service_failed`, {});
    expect(json.cleared).toMatchObject([{ unit: 'player.service', cleared_by: 'admin' }]);
    const healthReportAt = async (): Promise<string | undefined> =>
      (await fleet.admin.call('GET', `/api/clients/${screen.uuid}`)).json.latest_health?.at;
    const reportBefore = (await healthReportAt()) ?? '';
    // The screen repeats the open failure in each health report: that must not open it again.
    await eventually(async () => ((await healthReportAt()) ?? '') > reportBefore, {
      what: 'a health report',
    });
    expect(await failed()).toEqual([]);
    screen.failService({
      unit: 'player.service',
      reason: 'exit code 1',
      restarts: 4,
      failedAt: new Date(Date.now() + 1000).toISOString(),
    });
    await eventually(async () => (await failed()).length === 1, { what: 'the new failure is shown' });
  });

  it('is not led astray by a screen that lies', async () => {
    const [liar, honest] = [await fleet.addScreen(), await fleet.addScreen()];
    honest.ignoreCommands();
    const commandId = await send(fleet.admin, honest.uuid, 'restart');
    await liar.lie.wrongCommandId();
    await liar.lie.foreignUuid(honest.uuid);
    await liar.lie.foreignTopic(honest.uuid);
    await liar.lie.brokenJson();
    await liar.lie.oversizePayload();
    await liar.lie.ackStorm(commandId, 100);
    await liar.lie.retainedAck(commandId);
    // The liar's own stream goes on …
    expect(await untilEnded(fleet.admin, await send(fleet.admin, liar.uuid, 'restart_app'))).toMatchObject({
      status: 'completed',
    });
    // … and the honest screen's command is as it was.
    expect(await commandOf(fleet.admin, commandId)).toMatchObject({
      status: 'published',
      ackReceivedAt: null,
    });
  });
});
