import {
  availableBrokers,
  connectMqtt,
  type Fleet,
  SEPARATE_ACCOUNTS,
  startFleet,
} from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { send, untilEnded } from './command-steps.ts';

describe.each(availableBrokers())('a fleet whose services have broker accounts of their own (%s)', (kind) => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({ broker: kind, settings: SEPARATE_ACCOUNTS });
  }, 90_000);
  afterAll(() => fleet?.stop());

  it('works as one with a shared account: every part healthy, a command completed, its client deleted', async () => {
    const screen = await fleet.addScreen();
    const command = await untilEnded(fleet.admin, await send(fleet.admin, screen.uuid, 'restart_app'));
    expect(command).toMatchObject({ status: 'completed' });
    await screen.stop();
    expect((await fleet.admin.call('DELETE', `/api/clients/${screen.uuid}`)).status).toBe(204);
    const { json } = await fleet.admin.call('GET', '/api/monitoring/system');
    expect(json.problems).toEqual([]);
  }, 60_000);

  it('lets an operator watch with MQTT_USER, and command with it no more', async () => {
    const screen = await fleet.addScreen();
    const operator = await connectMqtt({ port: fleet.broker.port, clientId: '', ...fleet.broker.service });
    await operator.subscribe('infoscreen/#');
    await operator.publish(`infoscreen/${screen.uuid}/commands`, 'forged');
    const commandId = await send(fleet.admin, screen.uuid, 'restart_app');
    await operator.waitFor(({ topic, text }) => topic.endsWith('/commands') && text.includes(commandId));
    expect(operator.messages.map(({ text }) => text)).not.toContain('forged');
    await operator.end();
  }, 60_000);
});
