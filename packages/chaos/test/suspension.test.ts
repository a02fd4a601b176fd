import { deviceTopic } from '@infoscreen/shared-types';
import {
  ConnectionRefused,
  connectMqtt,
  eventually,
  type Fleet,
  mosquittoAvailable,
  scrapeMetrics,
  startFleet,
} from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { runFlooder } from '../src/flood/flooder-process.ts';
import { QuietFleet } from '../src/flood/quiet-fleet.ts';
import { QuietScreen } from '../src/flood/quiet-screen.ts';
import { makeAccounts } from '../src/soak/screen-processes.ts';

const suite = mosquittoAvailable() ? describe : describe.skip;

suite('a screen that floods a real Mosquitto with payloads as large as any may be', () => {
  let fleet: Fleet;
  let pool: pg.Pool;
  beforeAll(async () => {
    fleet = await startFleet({ broker: 'mosquitto', settings: { LOCKOUT_MAX_COMMANDS: '1000' } });
    pool = new pg.Pool({ connectionString: fleet.database.url, max: 2 });
  }, 90_000);
  afterAll(async () => {
    await pool?.end();
    await fleet?.stop();
  });

  it('is cut and kept out, costs the others nothing that they said, and comes back when its time is over', async () => {
    const [flooder, ...accounts] = await makeAccounts(fleet.admin, 5);
    if (flooder === undefined) throw new Error('no account was made');
    const { host, port } = fleet.broker;
    const connect = () =>
      connectMqtt({
        host,
        port,
        clientId: flooder.uuid,
        username: flooder.uuid,
        password: flooder.password,
      });
    // The server hands a new account to the broker a moment after it has answered.
    const screens = await Promise.all(
      accounts.map((account) =>
        eventually(() => QuietScreen.start({ host, port }, account).catch(() => undefined)),
      ),
    );
    await eventually(async () => await (await connect().catch(() => undefined))?.end().then(() => true));
    const quiet = new QuietFleet(screens as QuietScreen[], fleet.admin, pool, {
      heartbeatSeconds: 0.5,
      commandsPerSecond: 5,
    });

    // Less than the broker keeps for a reader, however slow this machine is.
    const flooding = runFlooder({
      host,
      port,
      kind: 'large',
      seconds: 60,
      maxMegabytes: 240,
      ...flooder,
    });
    const figures = await quiet.measure(flooding, 60);
    expect(figures.commandsAsked).toBeGreaterThan(0);
    expect(figures.lost).toBe(0);
    expect((await flooding).cutAfterMs).not.toBeNull();
    await expect(connect()).rejects.toThrow(ConnectionRefused);
    const { json } = await fleet.admin.call('GET', '/api/monitoring/system');
    expect(json.broker.suspended_clients).toEqual([flooder.uuid]);
    expect(
      fleet
        .of('listener')[0]
        ?.process.logRecords()
        .filter(({ message }) => message === 'a client floods, its account is suspended'),
    ).toHaveLength(1);

    await untilNothingIsRefused(fleet.of('listener')[0]?.url ?? '');
    await pool.query(
      "UPDATE broker_accounts SET suspended_until = clock_timestamp() - interval '1 second' WHERE client_uuid = $1",
      [flooder.uuid],
    );
    const back = await eventually(() => connect().catch(() => undefined), { deadlineMs: 10_000 });
    await back?.publish(deviceTopic(flooder.uuid, 'health'), {});
    await eventually(
      async () => (await fleet.admin.call('GET', `/api/clients/${flooder.uuid}`)).json.is_alive === true,
    );
    await back?.end();
    for (const screen of screens) await screen?.stop();
  }, 180_000);
});

/** What the broker had taken of the flood is through. */
async function untilNothingIsRefused(url: string): Promise<void> {
  let before = -1;
  await eventually(
    async () => {
      const scrape = await scrapeMetrics(url);
      const refused = scrape.by('infoscreen_rejected_messages_total', 'reason').get('rate_limited') ?? 0;
      const isOver = refused === before;
      before = refused;
      return isOver;
    },
    { deadlineMs: 60_000, intervalMs: 1000 },
  );
}
