import { CONTROL_REQUEST_TOPIC } from '@infoscreen/shared-types';
import { availableBrokers, connectMqtt, mosquittoAvailable } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AccessBench, type BenchKind, startAccessBench, type WayIn } from './access-bench.ts';
import { accessTable, type TopicRow, wideFilters } from './access-table.ts';

const kinds: readonly BenchKind[] = [
  ...availableBrokers(),
  ...(mosquittoAvailable() ? (['certificates'] as const) : []),
];

describe.each(kinds)('who may do what at the broker (%s)', (kind) => {
  let bench: AccessBench;
  let rows: readonly TopicRow[];
  beforeAll(async () => {
    bench = await startAccessBench(kind);
    rows = accessTable(bench.uuids.screen, bench.uuids.other);
  }, 30_000);
  afterAll(() => bench?.stop());

  const expected = (part: 'read' | 'write') =>
    rows.flatMap((row) => row[part].map((account) => `${account} ${row.topic}`)).toSorted();
  /**
   * A file of topics decides what is delivered, not what may be asked for: with a certificate, a screen that asks for more
   * gets its own commands by that as well, and nothing of anybody else.
   */
  const isNoOwnCommand = (entry: string) =>
    kind !== 'certificates' || !/^(screen|other_screen) /.test(entry) || !expected('read').includes(entry);
  const wide = () => wideFilters(bench.uuids.screen, bench.uuids.other);
  const literal = () => rows.map(({ topic }) => topic);

  it.each(['plain', 'retained', 'last will'] satisfies WayIn[])(
    'lets a %s message through on exactly the topics of the table',
    async (way) => {
      const passed = await bench.write(rows, way);
      // As a last will no broker needs to take the admin's commands; and an answer to itself it may forge.
      const counts = (entry: string) =>
        !entry.startsWith('admin ') || (way === 'plain' && entry === `admin ${CONTROL_REQUEST_TOPIC}`);
      expect(passed.filter(counts)).toEqual(expected('write').filter(counts));
    },
    60_000,
  );

  it('gives a reader exactly the topics of the table, subscribed to one by one', async () => {
    expect(await bench.read(rows, literal())).toEqual(expected('read'));
  }, 60_000);

  it('gives the screens nothing for a filter with a wildcard, and the services what is theirs', async () => {
    const passed = await bench.read(rows, wide());
    expect(passed.filter(isNoOwnCommand)).toEqual(
      expected('read').filter((entry) => !/^(screen|other_screen) /.test(entry)),
    );
  }, 60_000);

  it('gives nobody a share of anything', async () => {
    const shares = [...literal(), ...wide()].flatMap((filter) => [`$share/g/${filter}`, `$queue/${filter}`]);
    expect((await bench.read(rows, shares)).filter(isNoOwnCommand)).toEqual([]);
  }, 60_000);

  it('keeps exactly the topics of the table for a reader who is away', async () => {
    const passed = await bench.readAfterReturn(rows, [...literal(), ...wide()]);
    expect(passed.filter(isKept)).toEqual(expected('read').filter(isKept));
  }, 60_000);

  it("is judged by a witness who is given the broker's own topics too", () => {
    const own = kind === 'mosquitto' ? ['$SYS/broker/uptime'] : [];
    expect(bench.ownTopicsSeen()).toEqual(
      expect.arrayContaining([...own, '$CONTROL/dynamic-security/v1/response']),
    );
  });

  it.each([
    ['listener', 'infoscreen-listener-lane-4-0'],
    ['server', 'infoscreen-server-one'],
    ['admin', 'infoscreen-accounts-one'],
    ['other_screen', 'its own'],
  ] as const)('lets no screen take the client id of %s (%s), who stays connected', async (victim, id) => {
    const clientId = victim === 'other_screen' ? bench.uuids.other : id;
    const owner = await bench.connect(victim, { clientId, clean: false });
    for (const thief of ['screen', 'nobody'] as const) {
      const login = thief === 'nobody' ? { username: 'nobody', password: 'none' } : {};
      const attempt = bench.connect('screen', { clientId, ...login });
      // With a certificate, whatever else is claimed is passed over: it comes in as itself.
      if (kind === 'certificates') await (await attempt).end();
      else await expect(attempt).rejects.toMatchObject({ code: 5 });
    }
    await owner.publish('fence', 'still here');
    expect(owner.isConnected()).toBe(true);
    await owner.end();
    await (await bench.connect(victim, { clientId })).end();
  });

  it('lets nobody in without an account, a password or a name', async () => {
    const { port } = bench.broker;
    const attempts = [
      { username: 'nobody', password: 'none' },
      { username: bench.uuids.screen, password: '' },
      { username: bench.uuids.screen },
      { username: '', password: '' },
      {},
    ];
    for (const login of attempts)
      await expect(connectMqtt({ port, clientId: bench.uuids.screen, ...login })).rejects.toThrow();
  });
});

/** The broker's answers to account commands are sent at QoS 0, so that none is kept. */
function isKept(entry: string): boolean {
  return !entry.startsWith('admin ');
}
