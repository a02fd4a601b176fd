import { randomUUID } from 'node:crypto';
import type { BrokerKind } from '@infoscreen/local-stack';
import { deviceTopic, REJECTION_REASONS } from '@infoscreen/shared-types';
import {
  createTestDatabase,
  eventually,
  type FleetProcess,
  scrapeMetrics,
  startTestBroker,
} from '@infoscreen/test-kit';
import pg from 'pg';
import { errorLines, warnings } from '../../measure/log-records.ts';
import { type MemoryBounds, MemoryWatch, memoryProblems } from '../../measure/memory-watch.ts';
import { startFuzzedListener } from './fuzzed-listener.ts';
import { type FuzzedScreens, makeFuzzedScreens } from './fuzzed-screens.ts';
import type { MessageFuzzReport, RefusalCount } from './message-fuzz-report.ts';
import { connectSenders, type MessageSenders } from './message-senders.ts';
import { MessageStream, REFUSED_METRIC } from './message-stream.ts';

export interface MessageFuzzOptions {
  readonly seed: number;
  readonly messages: number;
  readonly broker: BrokerKind;
  /** Of the listener, after the first tenth. */
  readonly memoryBounds: MemoryBounds;
  readonly settlePauseMs: number;
}

interface Run {
  readonly options: MessageFuzzOptions;
  readonly pool: pg.Pool;
  readonly screens: FuzzedScreens;
  readonly senders: MessageSenders;
  readonly stream: MessageStream;
  readonly listener: FleetProcess;
}

const KEPT_MESSAGES = 40;
const TRESPASSES = 50;

/** Fuzzes one real listener over a real broker and database, and accounts for every message. */
export async function runMessageFuzz(options: MessageFuzzOptions): Promise<MessageFuzzReport> {
  const database = await createTestDatabase();
  const broker = await startTestBroker({ kind: options.broker });
  const pool = new pg.Pool({ connectionString: database.url, max: 3 });
  const ends: (() => Promise<unknown>)[] = [() => database.drop(), () => broker.stop(), () => pool.end()];
  try {
    const screens = await makeFuzzedScreens(pool, options.seed);
    const senders = await connectSenders(broker, screens.known);
    ends.push(() => senders.end());
    const stream = new MessageStream(screens, senders, options);
    await stream.sendKept(KEPT_MESSAGES);
    const listener = await startFuzzedListener(broker, database.url, pool);
    ends.push(() => listener.process.stop());
    return await fuzz({ options, pool, screens, senders, stream, listener });
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

async function fuzz(run: Run): Promise<MessageFuzzReport> {
  const { options, stream, senders, screens, listener, pool } = run;
  const startedAt = performance.now();
  const warmUp = Math.ceil(options.messages / 10);
  await stream.send(warmUp, listener.url);
  await stream.untilRefused(listener.url, stream.expectedRefusals);
  const memoryWatch = new MemoryWatch(listener.url, options.settlePauseMs);
  await memoryWatch.warmedUp();
  await stream.send(options.messages - warmUp, listener.url, () => memoryWatch.read());
  for (let n = 0; n < TRESPASSES; n += 1) await senders.trespass(screens.known[n % 5] ?? '');
  await stream.untilRefused(listener.url, stream.expectedRefusals);
  const isLastStored = await lastIsStored(run);
  const seconds = (performance.now() - startedAt) / 1000;
  const memory = await memoryWatch.figures();
  const refusals = await countRefusals(stream, listener, pool);
  return {
    broker: options.broker,
    acknowledged: senders.acknowledged(),
    trespasses: TRESPASSES,
    expectations: Object.fromEntries(stream.expectations),
    refusals,
    memory,
    memoryBounds: options.memoryBounds,
    seconds,
    warnings: warnings(listener.process.logRecords()),
    problems: [
      ...refusalProblems(refusals, listener),
      ...(isLastStored ? [] : ['a valid message sent last was not stored']),
      ...memoryProblems('listener', memory, options.memoryBounds),
      ...(await processProblems(listener)),
    ],
  };
}

/** A connection that was lost on the way brings what was unacknowledged, and retained messages, once more. */
function refusalProblems(refusals: readonly RefusalCount[], { process }: FleetProcess): string[] {
  const isRepeated = process
    .logRecords()
    .some(({ message }) => message === 'mqtt connection lost, trying again');
  return refusals
    .filter(
      ({ expected, counted, rows }) => rows !== counted || (isRepeated ? rows < expected : rows !== expected),
    )
    .map(({ reason }) => `refused messages don't add up: ${reason}`);
}

/** Behind all that was sent before, in both streams. */
async function lastIsStored({ senders, screens, pool }: Run): Promise<boolean> {
  const clientUuid = screens.known.at(-1) ?? '';
  const unit = `last-${randomUUID()}`;
  const bootId = randomUUID();
  const send = (kind: 'service_failed' | 'heartbeat', payload: unknown) =>
    senders.send({
      topic: deviceTopic(clientUuid, kind),
      payload: Buffer.from(JSON.stringify(payload)),
      retain: false,
    });
  await send('service_failed', { unit });
  await send('heartbeat', { boot_id: bootId });
  const isStored = async () => {
    const { rowCount } = await pool.query(
      `SELECT FROM service_failures f JOIN client_boots b USING (client_uuid)
       WHERE f.client_uuid = $1 AND f.unit = $2 AND b.boot_id = $3`,
      [clientUuid, unit, bootId],
    );
    return rowCount === 1;
  };
  return eventually(isStored, { deadlineMs: 30_000 }).then(
    () => true,
    () => false,
  );
}

async function countRefusals(
  stream: MessageStream,
  { url }: FleetProcess,
  pool: pg.Pool,
): Promise<RefusalCount[]> {
  const counted = (await scrapeMetrics(url)).by(REFUSED_METRIC, 'reason');
  const { rows } = await pool.query<{ reason: string; n: number }>(
    'SELECT reason, count(*)::int AS n FROM rejected_messages GROUP BY reason',
  );
  const stored = new Map(rows.map(({ reason, n }) => [reason, n]));
  return REJECTION_REASONS.map((reason) => ({
    reason,
    expected: stream.expectations.get(reason) ?? 0,
    counted: counted.get(reason) ?? 0,
    rows: stored.get(reason) ?? 0,
  }));
}

async function processProblems({ process, url }: FleetProcess): Promise<string[]> {
  const isReady = process.isRunning() && (await fetch(`${url}/readyz`)).status === 200;
  const lanesTaken = process.logRecords().filter(({ message }) => message === 'lane taken').length;
  const lanesLost = process.logRecords().filter(({ message }) => message === 'lanes lost').length;
  return [
    ...(process.isRunning() ? [] : ['the listener has ended']),
    ...(isReady ? [] : ['the listener is not ready']),
    ...(lanesLost === 0 ? [] : [`lanes were lost ${lanesLost} times, ${lanesTaken} taken`]),
    ...errorLines(process.logRecords()),
  ];
}
