import { acknowledgeCommand } from '@infoscreen/commands';
import type { CommandAckPayload } from '@infoscreen/shared-types';
import { noteBoot } from '../clients/note-boot.ts';
import { touchClient, UNKNOWN_CLIENT } from '../clients/touch-client.ts';
import type { Arrival } from '../intake/arrival.ts';
import { deviceTime } from '../intake/device-time.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import type { Rejection } from '../rejections/rejection-book.ts';

export async function storeAcknowledgement(
  deps: IntakeDeps,
  arrival: Arrival<CommandAckPayload>,
): Promise<Rejection | undefined> {
  const { clientUuid, payload } = arrival;
  const stored = await touchClient(deps.pool, arrival);
  if (stored === undefined) return UNKNOWN_CLIENT;
  await noteBoot(deps, clientUuid, payload.boot_id, stored.bootId);
  const { outcome } = await acknowledgeCommand(
    deps.pool,
    {
      clientUuid,
      commandId: payload.command_id,
      status: payload.status,
      errorCode: payload.error_code ?? null,
      errorMessage: payload.error_message ?? null,
      deviceTime: deviceTime(payload.timestamp),
      via: 'ack',
    },
    deps.lifecycle,
  );
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
