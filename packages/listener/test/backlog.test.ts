import { eventually, mosquittoAvailable } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type ListenerFixture, startListenerFixture, untilFlowing } from './listener-fixture.ts';

/** Well above Mosquitto's own default of 1000, beyond which it drops in silence, and above one window of what is in flight. */
const MESSAGES = 2500;
const SUITE = 'a backlog on a real Mosquitto';
const suite = mosquittoAvailable() ? describe : describe.skip;

suite(SUITE, () => {
  let fixture: ListenerFixture;
  beforeAll(async () => {
    fixture = await startListenerFixture('mosquitto');
  });
  afterAll(() => fixture?.stop());

  it('of some thousand messages that came while every listener was down is stored to the last one', async () => {
    const first = await fixture.startReplica('first');
    await untilFlowing(fixture);
    const clients = await Promise.all(Array.from({ length: 20 }, () => fixture.addClient()));
    await first.stop();
    await Promise.all(
      Array.from({ length: MESSAGES }, (_, index) =>
        fixture.publish(clients[index % clients.length] ?? '', 'service_failed', { unit: `unit-${index}` }),
      ),
    );
    await fixture.startReplica('second');
    let stored = 0;
    await eventually(
      async () => {
        const [row] = await fixture.rows<{ count: number }>('SELECT count(*)::int FROM service_failures');
        stored = row?.count ?? 0;
        return stored === MESSAGES;
      },
      { deadlineMs: 200_000, what: () => `${MESSAGES} are stored, not ${stored}` },
    );
  }, 240_000);
});
