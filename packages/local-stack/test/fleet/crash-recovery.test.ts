import { eventually, type Fleet, mosquittoAvailable, startFleet } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const suite = mosquittoAvailable() ? describe : describe.skip;

suite('a screen whose player crashes, with crash recovery on and a real Mosquitto', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({
      settings: {
        CRASH_RECOVERY_ENABLED: 'true',
        CRASH_RECOVERY_BACKOFF_SECONDS: '2',
        HEARTBEAT_GRACE_SECONDS: '5',
      },
    });
  }, 90_000);
  afterAll(() => fleet?.stop());

  it('is listed with the reason, restarted by the scheduler, and well again', async () => {
    const screen = await fleet.addScreen();
    screen.crash();
    const crashed = await eventually(
      async () => {
        const { json } = await fleet.admin.call('GET', '/api/clients/crashed');
        return json.items.find(({ uuid }: { uuid: string }) => uuid === screen.uuid);
      },
      { what: 'the crash is listed' },
    );
    expect(crashed).toMatchObject({ crash_reason: 'process_crashed', process_status: 'crashed' });
    await eventually(() => screen.executions.some(({ action }) => action === 'restart_app'), {
      deadlineMs: 30_000,
      what: 'the scheduler restarts the app',
    });
    await eventually(
      async () => (await fleet.admin.call('GET', `/api/clients/${screen.uuid}`)).json.status === 'healthy',
      { what: 'the screen is well' },
    );
    const commands = async () =>
      (await fleet.admin.call('GET', `/api/clients/${screen.uuid}/commands`)).json.items;
    // What the screen says of its state and of the command comes over different connections, in any order.
    await eventually(async () => (await commands())[0]?.status === 'completed');
    expect(await commands()).toMatchObject([
      { action: 'restart_app', requestedBy: 'scheduler', status: 'completed' },
    ]);
  }, 60_000);
});
