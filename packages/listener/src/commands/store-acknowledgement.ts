import {
  type AcknowledgeResult,
  acknowledgeCommand,
  isStartedShutdown,
  observeShutdownStarted,
} from '@infoscreen/commands';
import type { CommandAckPayload } from '@infoscreen/shared-types';
import { noteBoot } from '../clients/note-boot.ts';
import { type StoredClient, UNKNOWN_CLIENT } from '../clients/touch-client.ts';
import type { Arrival } from '../intake/arrival.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import type { Rejection } from '../rejections/rejection-book.ts';
import { storeInBatch } from './acknowledgement-batches.ts';
import { acknowledgementOf } from './store-in-rounds.ts';

type Outcome = AcknowledgeResult['outcome'] | 'unknown_client';

/** Committed when it resolves. Those of one client may be under way together, begun in their order. */
export async function storeAcknowledgement(
  deps: IntakeDeps,
  arrival: Arrival<CommandAckPayload>,
): Promise<Rejection | undefined> {
  const { clientUuid, payload } = arrival;
  const outcome: Outcome = await storeInBatch(deps, arrival, (client) => storeSingly(deps, arrival, client));
  if (outcome === 'unknown_client') return UNKNOWN_CLIENT;
  // One line per ACK: operators look for a command by its id.
  deps.logger.info('command acknowledged', {
    command_id: payload.command_id,
    client_uuid: clientUuid,
    status: payload.status,
    outcome,
  });
  deps.metrics
    .counter('infoscreen_command_acks_total', 'Reports of devices on commands.', ['status', 'outcome', 'via'])
    .inc({ status: payload.status, outcome, via: 'ack' });
  return outcome === 'unknown_command'
    ? { reason: 'unknown_command', detail: 'this client has no command of this id' }
    : undefined;
}

async function storeSingly(
  deps: IntakeDeps,
  arrival: Arrival<CommandAckPayload>,
  stored: StoredClient,
): Promise<Outcome> {
  const { clientUuid, payload } = arrival;
  await noteBoot(deps, clientUuid, payload.boot_id, stored.bootId);
  const result = await acknowledgeCommand(deps.pool, acknowledgementOf(arrival), deps.lifecycle);
  // Also of what is a duplicate: the process may have ended between the two statements.
  if ('command' in result && isStartedShutdown(result.command))
    await observeShutdownStarted(deps.pool, { clientUuid });
  return result.outcome;
}
