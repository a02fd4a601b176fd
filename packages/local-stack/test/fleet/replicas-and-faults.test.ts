import { eventually, type Fleet, mosquittoAvailable, startFleet } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commandOf, send, untilEnded } from './command-steps.ts';

const SUITE = 'two replicas of each service on a real Mosquitto';
const suite = mosquittoAvailable() ? describe : describe.skip;

suite(SUITE, () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({
      replicas: { server: 2, listener: 2, scheduler: 2 },
      settings: { COMMAND_TTL_SECONDS: '20' },
    });
  }, 120_000);
  afterAll(() => fleet?.stop());

  it('admit exactly 3 of 20 restarts asked at the same moment, and block 17', async () => {
    const screen = await fleet.addScreen();
    const servers = fleet.of('server');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        fleet.admin.call('POST', `${servers[index % 2]?.url}/api/clients/${screen.uuid}/restart`, {}),
      ),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
    const blocked = answers.filter(({ status }) => status === 429);
    expect(blocked).toHaveLength(17);
    for (const { json, headers } of blocked) {
      expect(json).toMatchObject({
        code: 'safety_lockout',
        command: { status: 'blocked_safety', errorCode: 'safety_lockout' },
      });
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  it('never call a command to a screen that is off completed: it expires and says how far it came', async () => {
    const screen = await fleet.addScreen();
    screen.powerOff();
    const command = await untilEnded(fleet.admin, await send(fleet.admin, screen.uuid, 'restart'), 60_000);
    expect(command).toMatchObject({ status: 'expired', errorCode: 'no_ack', completedAt: null });
  }, 70_000);

  it.each(['server', 'listener', 'scheduler'] as const)(
    'lose nothing that was accepted when every %s is killed and started again',
    async (service) => {
      const screen = await fleet.addScreen();
      const victims = fleet.of(service);
      const commandId = await send(fleet.admin, screen.uuid, 'restart_app');
      await Promise.all(victims.map((victim) => victim.process.kill('SIGKILL')));
      await Promise.all(victims.map((victim) => victim.restart()));
      expect(await untilEnded(fleet.admin, commandId, 40_000)).toMatchObject({ status: 'completed' });
      expect(screen.executions.filter((execution) => execution.commandId === commandId)).toHaveLength(1);
      expect(
        await untilEnded(fleet.admin, await send(fleet.admin, screen.uuid, 'restart_app'), 40_000),
      ).toMatchObject({ status: 'completed' });
    },
    90_000,
  );

  it('accept commands while the broker is away, and send them when it is back', async () => {
    const screen = await fleet.addScreen();
    await fleet.broker.kill('SIGTERM');
    const answer = await fleet.admin.call('POST', `/api/clients/${screen.uuid}/restart_app`, {});
    expect(answer.status).toBe(202);
    expect(['queued', 'publish_in_progress']).toContain(answer.json.command.status);
    await fleet.broker.restart();
    const command = await untilEnded(fleet.admin, answer.json.command.commandId, 40_000);
    expect(command).toMatchObject({ status: 'completed' });
    expect(screen.executions.filter(({ commandId }) => commandId === command.commandId)).toHaveLength(1);
  }, 60_000);

  it('hand the lanes of a killed listener over to the other', async () => {
    const holders = async () => {
      const { json } = await fleet.admin.call('GET', '/api/monitoring/system');
      return new Set(
        json.ingest.lanes.map(({ holder, up }: { holder: string; up: boolean }) => (up ? holder : undefined)),
      );
    };
    await eventually(async () => (await holders()).size === 2, {
      deadlineMs: 40_000,
      what: 'both listeners hold lanes',
    });
    const [victim] = fleet.of('listener');
    await victim?.process.kill('SIGKILL');
    await eventually(async () => [...(await holders())].join() === 'listener-1', {
      deadlineMs: 30_000,
      what: 'the other listener holds all lanes',
    });
    const screen = await fleet.addScreen();
    expect(await untilEnded(fleet.admin, await send(fleet.admin, screen.uuid, 'restart_app'))).toMatchObject({
      status: 'completed',
    });
    await victim?.restart();
  }, 90_000);

  it('leave no authorisation error in any log', async () => {
    const complaints = fleet
      .of('listener')
      .concat(fleet.of('scheduler'), fleet.of('server'))
      .flatMap(({ process }) => process.logs)
      .filter((line) => /not authori[sz]ed|subscription refused/i.test(line));
    expect(complaints).toEqual([]);
  });

  it('tell an operator who looks for a command_id in the listener’s log', async () => {
    const screen = await fleet.addScreen();
    const commandId = await send(fleet.admin, screen.uuid, 'restart_app');
    await untilEnded(fleet.admin, commandId);
    const lines = fleet
      .of('listener')
      .flatMap(({ process }) => process.logs)
      .filter((line) => line.includes(commandId));
    expect(lines.length).toBeGreaterThan(0);
    expect(await commandOf(fleet.admin, commandId)).toMatchObject({ status: 'completed' });
  });
});
