import { type Acknowledgement, moveByReports } from '@infoscreen/commands';
import { inTransaction, perPool, type Queryable, StatementBatches } from '@infoscreen/prisma';
import type { CommandAckPayload } from '@infoscreen/shared-types';
import { touchClients } from '../clients/touch-clients.ts';
import type { Arrival } from '../intake/arrival.ts';
import { deviceTime } from '../intake/device-time.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import { ClientTurns } from './client-turns.ts';

const MAX_BATCH = 200;

/** Of those that no batch stored; their batches took no place of the intake's own limit. */
const SINGLES_AT_ONCE = 2;

/** `single`: the ordinary case it is not; it is to be stored by itself. */
type BatchedAcknowledgement = 'moved' | 'unknown_client' | 'single';

type Deps = Pick<IntakeDeps, 'pool' | 'lifecycle'>;

interface Told {
  readonly arrival: Arrival<CommandAckPayload>;
  readonly lifecycle: IntakeDeps['lifecycle'];
}

const batchesOf = perPool((pool) => {
  const turns = new ClientTurns(SINGLES_AT_ONCE);
  const batches = new StatementBatches<Told, BatchedAcknowledgement>({
    run: (told) => storeTogether(pool, turns, told),
    maxItems: MAX_BATCH,
  });
  return { turns, batches };
});

/**
 * ACKs that come together are stored together. What no batch stores is stored by `singly`, and so is what comes of its client
 * until then: none overtakes another of its client.
 */
export async function storeInBatch<T>(
  { pool, lifecycle }: Deps,
  arrival: Arrival<CommandAckPayload>,
  singly: () => Promise<T>,
): Promise<T | Exclude<BatchedAcknowledgement, 'single'>> {
  const { turns, batches } = batchesOf(pool);
  const { clientUuid } = arrival;
  const batched = turns.has(clientUuid) ? 'single' : await batches.add({ arrival, lifecycle });
  return batched === 'single' ? turns.run(clientUuid, singly) : batched;
}

export function acknowledgementOf({
  clientUuid,
  payload,
}: Pick<Arrival<CommandAckPayload>, 'clientUuid' | 'payload'>): Acknowledgement {
  return {
    clientUuid,
    commandId: payload.command_id,
    status: payload.status,
    errorCode: payload.error_code ?? null,
    errorMessage: payload.error_message ?? null,
    deviceTime: deviceTime(payload.timestamp),
    via: 'ack',
  };
}

/**
 * What nearly every ACK is: of the boot that is known, for a command that it moves on. A command that somebody else holds is
 * left out, so that no client makes others wait. One transaction, and a statement for the first ACK of each client, then for
 * the second of each, and so on: each is a transition of its own.
 */
async function storeTogether(
  pool: IntakeDeps['pool'],
  turns: ClientTurns,
  told: readonly Told[],
): Promise<readonly BatchedAcknowledgement[]> {
  const [first] = told;
  if (first === undefined) return [];
  const clients = await touchClients(pool, newestSigns(told));
  const ordinary = told.filter(({ arrival: { clientUuid, payload } }) => {
    const client = clients.get(clientUuid);
    return (
      client !== undefined &&
      (!payload.boot_id || payload.boot_id === client.bootId) &&
      !turns.has(clientUuid)
    );
  });
  const moved = new Set<Told>();
  const left = new Set<string>();
  await inOneTransaction(pool, roundsOf(ordinary), async (db, round) => {
    const wanted = round.filter(({ arrival }) => !left.has(arrival.clientUuid));
    const reports = wanted.map(({ arrival }) => acknowledgementOf(arrival));
    const options = { ...first.lifecycle, skipsLocked: true };
    const ids = new Set((await moveByReports(db, reports, options)).map(({ command }) => command.commandId));
    for (const one of wanted)
      if (ids.has(one.arrival.payload.command_id)) moved.add(one);
      else left.add(one.arrival.clientUuid);
  });
  return told.map((one) => {
    if (!clients.has(one.arrival.clientUuid)) return 'unknown_client';
    return moved.has(one) ? 'moved' : 'single';
  });
}

/** One statement is a transaction by itself. */
async function inOneTransaction<T>(
  pool: IntakeDeps['pool'],
  steps: readonly T[],
  run: (db: Queryable, step: T) => Promise<void>,
): Promise<void> {
  const [only] = steps;
  if (only !== undefined && steps.length === 1) await run(pool, only);
  else if (only !== undefined)
    await inTransaction(pool, async (db) => {
      for (const step of steps) await run(db, step);
    });
}

/** Each client once per round, its ACKs in their order. */
function roundsOf(told: readonly Told[]): readonly (readonly Told[])[] {
  const rounds: Told[][] = [];
  const seen = new Map<string, number>();
  for (const one of told) {
    const { clientUuid } = one.arrival;
    const round = seen.get(clientUuid) ?? 0;
    seen.set(clientUuid, round + 1);
    const others = rounds[round];
    if (others === undefined) rounds.push([one]);
    else others.push(one);
  }
  return rounds;
}

/** Of each client the last one that came. */
function newestSigns(told: readonly Told[]): readonly Arrival<CommandAckPayload>[] {
  return [...new Map(told.map(({ arrival }) => [arrival.clientUuid, arrival])).values()];
}
