import { perPool, StatementBatches } from '@infoscreen/prisma';
import type { CommandAckPayload } from '@infoscreen/shared-types';
import type { StoredClient } from '../clients/touch-client.ts';
import { touchClients } from '../clients/touch-clients.ts';
import type { Arrival } from '../intake/arrival.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import { isTransientFailure } from '../intake/transient-failure.ts';
import { ClientTurns } from './client-turns.ts';
import { storeInRounds, type Told } from './store-in-rounds.ts';

const MAX_BATCH = 200;

/** Of those that no batch stored; their batches took no place of the intake's own limit. */
const SINGLES_AT_ONCE = 2;

type Deps = Pick<IntakeDeps, 'pool' | 'lifecycle'>;

/** What no batch stores. */
interface Left {
  readonly client: StoredClient;
  /** Waits for whoever holds the command, with all that is left of its client. @returns those that were moved */
  readonly whenFree: () => Promise<ReadonlySet<Told>>;
}

type BatchedAcknowledgement = 'moved' | 'unknown_client' | Left;

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
): Promise<T | Exclude<BatchedAcknowledgement, Left>> {
  const { turns, batches } = batchesOf(pool);
  const told = { arrival, lifecycle };
  // Even where its turn is to be waited for: an earlier one of the client may still be in a batch.
  const batched = await batches.add(told);
  if (typeof batched === 'string') return batched;
  return turns.run(arrival.clientUuid, async () =>
    (await batched.whenFree()).has(told) ? 'moved' : singly(batched.client),
  );
}

/** Of each client the last one that came. */
function newestSigns(told: readonly Told[]): readonly Arrival<CommandAckPayload>[] {
  return [...new Map(told.map(({ arrival }) => [arrival.clientUuid, arrival])).values()];
}

/**
 * What nearly every ACK is: of the boot that is known, for a command that it moves on. A command that somebody else holds is
 * left out, so that no client makes others wait.
 */
async function storeTogether(
  pool: IntakeDeps['pool'],
  turns: ClientTurns,
  told: readonly Told[],
): Promise<readonly BatchedAcknowledgement[]> {
  const ordinary = told.filter(({ arrival }) => !turns.has(arrival.clientUuid));
  // One after the other: someone waits for the command, and nobody for the sign of life.
  const moved = await storeInRounds(pool, ordinary, { skipsLocked: true });
  const clients = await touchClients(pool, newestSigns(told));
  const waiting = new Map<string, Told[]>();
  for (const one of told) {
    if (moved.has(one)) continue;
    const ofClient = waiting.get(one.arrival.clientUuid) ?? [];
    waiting.set(one.arrival.clientUuid, ofClient);
    ofClient.push(one);
  }
  const left = new Map([...waiting].map(([clientUuid, ofClient]) => [clientUuid, once(pool, ofClient)]));
  return told.map((one) => {
    const { clientUuid } = one.arrival;
    const client = clients.get(clientUuid);
    const whenFree = left.get(clientUuid);
    if (moved.has(one) || whenFree === undefined) return 'moved';
    return client === undefined ? 'unknown_client' : { client, whenFree };
  });
}

/** Nearly always somebody holds the command for a moment, and its client's ACKs can then be stored together. */
function once(pool: IntakeDeps['pool'], ofClient: readonly Told[]): Left['whenFree'] {
  let stored: Promise<ReadonlySet<Told>> | undefined;
  return () => {
    // One by itself is stored by a statement that waits as well, and says why where it moves nothing.
    stored ??= storeInRounds(pool, ofClient.length > 1 ? ofClient : []).catch((error: unknown) => {
      if (isTransientFailure(error)) throw error;
      // One of them can't be stored at all: by itself each meets its own fate.
      return new Set<Told>();
    });
    return stored;
  };
}
