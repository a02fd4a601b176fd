import { randomUUID } from 'node:crypto';
import { CONTROL_REQUEST_TOPIC, CONTROL_RESPONSE_TOPIC } from '@infoscreen/shared-types';
import {
  type AccountControl,
  ConnectionRefused,
  connectAccountControl,
  connectMqtt,
  eventually,
  type MqttConnection,
  type MqttConnectionOptions,
  startCertificateBroker,
  startTestBroker,
  type TestBroker,
} from '@infoscreen/test-kit';
import { clientIdOf, makeLogins, type ScreenUuids } from './access-accounts.ts';
import { ACCOUNTS, type Account, type TopicRow } from './access-table.ts';

/** How an account tries to put a message on a topic. */
export type WayIn = 'plain' | 'retained' | 'last will';
/** `account topic` of each message that came through. */
export type Passed = readonly string[];

export interface AccessBench {
  readonly broker: TestBroker;
  readonly uuids: ScreenUuids;
  connect(account: Account, options?: Partial<MqttConnectionOptions>): Promise<MqttConnection>;
  /** Every account sends on every topic. @returns what arrived anywhere, or did its work */
  write(rows: readonly TopicRow[], way: WayIn): Promise<Passed>;
  /** Every account makes all the subscriptions; then something is sent on every topic. @returns what each was given */
  read(rows: readonly TopicRow[], filters: readonly string[]): Promise<Passed>;
  /** As `read`, but everything is sent while the accounts are away from sessions that the broker keeps for them. */
  readAfterReturn(rows: readonly TopicRow[], filters: readonly string[]): Promise<Passed>;
  /** Topics of the broker's own that the witness has been given. */
  ownTopicsSeen(): readonly string[];
  stop(): Promise<void>;
}

const EVERYTHING = ['#', '$SYS/#', '$CONTROL/#'];
const BROKERS_OWN = EVERYTHING.slice(1);

/** `certificates`: a Mosquitto at which the screens log in with a certificate. */
export type BenchKind = 'mosquitto' | 'embedded' | 'certificates';

/** A broker with an account for each column of the table, and a witness from whom nothing is kept. */
export async function startAccessBench(kind: BenchKind): Promise<AccessBench> {
  const uuids = { screen: randomUUID(), other: randomUUID() };
  const certified = kind === 'certificates' ? await startCertificateBroker() : undefined;
  const broker = certified?.broker ?? (await startTestBroker(kind === 'embedded' ? { kind } : {}));
  const door = { port: broker.port, ...(broker.tls === undefined ? {} : { tls: broker.tls }) };
  const logins = await makeLogins(broker, certified, uuids);
  const control = await connectAccountControl({ ...door, ...broker.admin });
  const witnessLogin = await broker.addAccount({
    username: 'witness',
    access: { publish: ['#'], subscribe: EVERYTHING, receive: EVERYTHING },
  });
  const connectWitness = async (filters: readonly string[]) => {
    const made = await connectMqtt({ ...door, clientId: randomUUID(), ...witnessLogin });
    for (const filter of filters) await made.subscribe(filter);
    return made;
  };
  const witness = await connectWitness(['#']);
  // Apart: the embedded broker gives a subscriber to `#` no last wills when it also subscribes to these.
  const witnessOfOwn = await connectWitness([...BROKERS_OWN, 'fence']);
  const connect: AccessBench['connect'] = (account, options = {}) =>
    connectMqtt({ ...door, clientId: clientIdOf(account, uuids), ...logins[account], ...options });
  const bench = { broker, connect, control, witness, witnessOfOwn, connectWitness };
  return {
    broker,
    uuids,
    connect,
    write: (rows, way) => write(bench, rows, way),
    read: async (rows, filters) => {
      const readers = await subscribeAll(bench, filters, true);
      const marker = await sendEverything(bench, rows);
      return collect(readers, marker);
    },
    readAfterReturn: async (rows, filters) => {
      const away = await subscribeAll(bench, filters, false);
      for (const connection of away.values()) await connection.cut();
      const marker = await sendEverything(bench, rows);
      const back = new Map<Account, MqttConnection>();
      for (const account of ACCOUNTS) back.set(account, await connect(account, { clean: false }));
      const passed = await collect(back, marker);
      // Ends the sessions that were kept.
      for (const account of ACCOUNTS) await (await connect(account)).end();
      return passed;
    },
    ownTopicsSeen: () => witnessOfOwn.messages.map(({ topic }) => topic),
    stop: async () => {
      await witness.end();
      await witnessOfOwn.end();
      await control.end();
      await broker.stop();
    },
  };
}

interface Bench extends Pick<AccessBench, 'broker' | 'connect'> {
  readonly control: AccountControl;
  readonly witness: MqttConnection;
  readonly witnessOfOwn: MqttConnection;
  readonly connectWitness: (filters: readonly string[]) => Promise<MqttConnection>;
}

/** The payload names its sender; on the topic of account commands it is one, which makes an account of that name. */
function payloadOf(topic: string, marker: string): unknown {
  if (topic !== CONTROL_REQUEST_TOPIC) return marker;
  return { commands: [{ command: 'createClient', username: marker, password: 'made by an intruder' }] };
}

async function write(bench: Bench, rows: readonly TopicRow[], way: WayIn): Promise<Passed> {
  const run = randomUUID();
  const markerOf = (account: Account, topic: string) => `${run} ${account} ${topic}`;
  const sendAll = way === 'last will' ? sendAsWills : publishAll;
  await Promise.all(
    ACCOUNTS.map((account) => sendAll(bench, account, { rows, markerOf, isRetained: way === 'retained' })),
  );
  const witnesses = [bench.witness, bench.witnessOfOwn];
  if (way === 'retained')
    witnesses.push(await bench.connectWitness(['#']), await bench.connectWitness([...BROKERS_OWN, 'fence']));
  for (const each of witnesses) await seeAll(each);
  const found = new Set(witnesses.flatMap(({ messages }) => messages.map(({ text }) => text)));
  for (const late of witnesses.slice(2)) await late.end();
  for (const username of await usernames(bench.control)) found.add(username);
  return passedOf(found, run);
}

interface Sending {
  readonly rows: readonly TopicRow[];
  readonly markerOf: (account: Account, topic: string) => string;
  readonly isRetained: boolean;
}

async function publishAll({ connect }: Bench, account: Account, sending: Sending): Promise<void> {
  const connection = await connect(account);
  const { rows, markerOf, isRetained } = sending;
  await Promise.all(
    rows.map(({ topic }) =>
      connection.publish(topic, payloadOf(topic, markerOf(account, topic)), { retain: isRetained }),
    ),
  );
  await connection.end();
}

/** One after another, each with time for the broker to see that the connection is gone: a takeover may drop its will. */
async function sendAsWills(
  { connect, witness }: Bench,
  account: Account,
  { rows, markerOf }: Sending,
): Promise<void> {
  for (const { topic } of rows) {
    const payload = Buffer.from(text(payloadOf(topic, markerOf(account, topic))));
    // A broker may refuse such a connection, or take it and drop the will.
    await connect(account, { will: { topic, payload, qos: 1, retain: false } }).then(
      (connection) => connection.cut(),
      (error: unknown) => {
        if (!(error instanceof ConnectionRefused)) throw error;
      },
    );
    await seeAll(witness);
  }
}

function text(payload: unknown): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}

/** What `connection` is given comes in its order: after this, all that was sent before has come. */
async function seeAll(connection: MqttConnection): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    const fence = randomUUID();
    await connection.publish('fence', fence);
    await connection.waitFor((message) => message.text === fence);
  }
}

async function usernames(control: AccountControl): Promise<readonly string[]> {
  const [answer] = await control.run({ command: 'listClients' });
  const { clients } = { clients: [], ...(answer?.data as { clients?: readonly string[] } | undefined) };
  return clients;
}

async function subscribeAll(
  { connect }: Bench,
  filters: readonly string[],
  clean: boolean,
): Promise<ReadonlyMap<Account, MqttConnection>> {
  const made = new Map<Account, MqttConnection>();
  await Promise.all(
    ACCOUNTS.map(async (account) => {
      const connection = await connect(account, { clean });
      for (const filter of filters) await connection.subscribe(filter);
      made.set(account, connection);
    }),
  );
  return made;
}

/** Something on every topic that takes it, and an answer to account commands. @returns what marks these messages */
async function sendEverything(bench: Bench, rows: readonly TopicRow[]): Promise<string> {
  const run = randomUUID();
  const open = rows.filter(({ isControl }) => isControl !== true);
  await Promise.all(open.map(({ topic }) => bench.witness.publish(topic, `${run} ${topic}`)));
  await bench.control.run({ command: 'getClient', username: 'witness' });
  await seeAll(bench.witness);
  return run;
}

/** What each account was given of it; the account's own subscription to its answer comes behind all that was queued. */
async function collect(readers: ReadonlyMap<Account, MqttConnection>, marker: string): Promise<Passed> {
  const passed: string[] = [];
  for (const [account, connection] of readers) {
    await flushed(connection);
    const topics = connection.messages.filter(({ topic, text: body }) => isOfRun(topic, body, marker));
    passed.push(...new Set(topics.map(({ topic }) => `${account} ${topic}`)));
    await connection.end();
  }
  return passed.toSorted();
}

/** Of the broker's own topics everything counts, whenever it was said. */
function isOfRun(topic: string, body: string, marker: string): boolean {
  return body.startsWith(marker) || topic.startsWith('$SYS') || topic === CONTROL_RESPONSE_TOPIC;
}

/** The broker answers in the order of what it sends on a connection. */
async function flushed(connection: MqttConnection): Promise<void> {
  let quiet = -1;
  await eventually(
    async () => {
      await connection.publish('fence', 'answered, and dropped');
      const isQuiet = quiet === connection.messages.length;
      quiet = connection.messages.length;
      return isQuiet;
    },
    { what: 'nothing more comes', intervalMs: 20 },
  );
}

function passedOf(found: ReadonlySet<string>, run: string): Passed {
  return [...found]
    .filter((marker) => marker.startsWith(run))
    .map((marker) => marker.slice(run.length + 1))
    .toSorted();
}
