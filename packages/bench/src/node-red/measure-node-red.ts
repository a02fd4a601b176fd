import { deviceTopic } from '@infoscreen/shared-types';
import { connectMqtt, eventually } from '@infoscreen/test-kit';
import { untilStored } from '../ingest/until-stored.ts';
import type { BurstOrder } from '../load/burst.ts';
import { burstPayload } from '../load/burst-payload.ts';
import { prepareBurst } from '../load/load-process.ts';
import type { BenchFleet } from '../system/bench-fleet.ts';
import { NODE_RED_KINDS as KINDS } from './node-red-flow.ts';
import { startNodeRed } from './start-node-red.ts';

const DEADLINE_MS = 180_000;
const SUBSCRIBED_DEADLINE_MS = 30_000;
/** Of the messages that show that the flow stores; no burst has it. */
const CANARY_ROUND = 0;

export interface NodeRedRun {
  /** Where it is installed. */
  readonly folder: string;
  readonly clientUuids: readonly string[];
  /** Greater than that of every message before. */
  readonly round: number;
}

/**
 * One burst into Node-RED, one message of each kind from each screen.
 * @returns messages per second, from the first one's departure until all are stored
 * @throws with Node-RED's output when it doesn't store all
 */
export async function measureNodeRed(
  bench: BenchFleet,
  { folder, clientUuids, round }: NodeRedRun,
): Promise<number> {
  const order = bench.burstOrder({ clientUuids, kinds: KINDS, rounds: 1, firstRound: round });
  const nodeRed = await startNodeRed(folder, bench.subscriberOrder(KINDS, clientUuids.length * KINDS.length));
  try {
    await untilItStores(bench, order);
    return await measureBurst(bench, order, round);
  } catch (cause) {
    throw new Error(`Node-RED did not store all:\n${nodeRed.logs.slice(-40).join('\n')}`, { cause });
  } finally {
    await nodeRed.stop();
  }
}

async function measureBurst({ fleet }: BenchFleet, order: BurstOrder, round: number): Promise<number> {
  const aliveSince = await databaseTime(fleet);
  const burst = await prepareBurst(order);
  try {
    const clients = order.clientUuids.length;
    const stored = untilStored(fleet.database, { clients, round, aliveSince, deadlineMs: DEADLINE_MS });
    const [{ startedAt, messages }, storedAt] = await Promise.all([burst.send(), stored]);
    return messages / ((storedAt - startedAt) / 1000);
  } finally {
    await burst.stop();
  }
}

/** Resolves when a message of each kind is stored, which is sent again and again: its log doesn't tell when it is subscribed. */
async function untilItStores({ fleet }: BenchFleet, order: BurstOrder): Promise<void> {
  const [canary = ''] = order.clientUuids;
  const since = await databaseTime(fleet);
  const { host, port, username, password } = order;
  const line = await connectMqtt({ host, port, username, password, clientId: 'canary' });
  try {
    await eventually(
      async () => {
        const stored = await fleet.database.asOwner(
          'SELECT FROM client_states WHERE client_uuid = $1 AND uptime_seconds = $2 AND last_alive >= $3',
          [canary, CANARY_ROUND, since],
        );
        if (stored.length > 0) return true;
        for (const kind of KINDS)
          await line.publish(deviceTopic(canary, kind), burstPayload(kind, canary, CANARY_ROUND));
        return false;
      },
      { deadlineMs: SUBSCRIBED_DEADLINE_MS, intervalMs: 250, what: 'its flow stores a message of each kind' },
    );
  } finally {
    await line.end();
  }
}

async function databaseTime({ database }: BenchFleet['fleet']): Promise<Date> {
  const [row] = await database.asOwner<{ now: Date }>('SELECT clock_timestamp() AS now');
  if (row === undefined) throw new Error('the database told no time');
  return row.now;
}
