import {
  type Acknowledgement,
  isStartedShutdown,
  moveByReports,
  observeShutdownStarted,
  type StoredCommand,
} from '@infoscreen/commands';
import { inTransaction, perPool, type Queryable, StatementBatches } from '@infoscreen/prisma';
import type { CommandAckPayload } from '@infoscreen/shared-types';
import type { StoredClient } from '../clients/touch-client.ts';
import { touchClients } from '../clients/touch-clients.ts';
import type { Arrival } from '../intake/arrival.ts';
import { deviceTime } from '../intake/device-time.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import { ClientTurns } from './client-turns.ts';

const MAX_BATCH = 200;

/** Of those that no batch stored; their batches took no place of the intake's own limit. */
const SINGLES_AT_ONCE = 2;

/** A client: the ordinary case it is not; the ACK is to be stored by itself. */
type BatchedAcknowledgement = 'moved' | 'unknown_client' | StoredClient;

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
 * ACKs that come together are stored together. What no batch stores is stored by `singly`, which is told what is known of the client, and so is what comes of its client
 * until then: none overtakes another of its client.
 */
export async function storeInBatch<T>(
  { pool, lifecycle }: Deps,
  arrival: Arrival<CommandAckPayload>,
  singly: (client: StoredClient) => Promise<T>,
): Promise<T | Exclude<BatchedAcknowledgement, StoredClient>> {
  const { turns, batches } = batchesOf(pool);
  const { clientUuid } = arrival;
  // Even where its turn is to be waited for: an earlier one of the client may still be in a batch.
  const batched = await batches.add({ arrival, lifecycle });
  return typeof batched === 'string' ? batched : turns.run(clientUuid, () => singly(batched));
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
    bootId: payload.boot_id,
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
  const moved = new Set<Told>();
  const shutdowns: StoredCommand[] = [];
  const left = new Set<string>();
  const options = { ...first.lifecycle, skipsLocked: true, knownBootOnly: true };
  const store = async (db: Queryable, round: readonly Told[]) => {
    const wanted = round.filter(({ arrival }) => !left.has(arrival.clientUuid));
    const reports = wanted.map(({ arrival }) => acknowledgementOf(arrival));
    const commands = (await moveByReports(db, reports, options)).map(({ command }) => command);
    shutdowns.push(...commands.filter(isStartedShutdown));
    const ids = new Set(commands.map(({ commandId }) => commandId));
    for (const one of wanted)
      if (ids.has(one.arrival.payload.command_id)) moved.add(one);
      else left.add(one.arrival.clientUuid);
  };
  const ordinary = told.filter(({ arrival }) => !turns.has(arrival.clientUuid));
  const [clients] = await Promise.all([
    touchClients(pool, newestSigns(told)),
    inOneTransaction(pool, roundsOf(ordinary), store),
  ]);
  for (const { clientUuid } of shutdowns) await observeShutdownStarted(pool, { clientUuid });
  return told.map((one) => {
    if (moved.has(one)) return 'moved';
    return clients.get(one.arrival.clientUuid) ?? 'unknown_client';
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
