import { inTransaction } from '@infoscreen/prisma';
import type { ServiceFailedPayload } from '@infoscreen/shared-types';
import { touchClient, UNKNOWN_CLIENT } from '../clients/touch-client.ts';
import type { Arrival } from '../intake/arrival.ts';
import { deviceTime } from '../intake/device-time.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import type { Rejection } from '../rejections/rejection-book.ts';
import { lockClient } from './lock-client.ts';
import { MAX_OPEN_FAILURES, recordFailure } from './record-failure.ts';

export async function storeServiceFailed(
  { pool, logger }: IntakeDeps,
  arrival: Arrival<ServiceFailedPayload>,
): Promise<Rejection | undefined> {
  const { clientUuid, payload, isRepeat } = arrival;
  const outcome = await inTransaction(pool, async (client) => {
    await lockClient(client, clientUuid);
    if ((await touchClient(client, arrival)) === undefined) return 'unknown_client';
    return recordFailure(client, {
      clientUuid,
      unit: payload.unit,
      failedAt: deviceTime(payload.failed_at),
      reason: payload.reason ?? null,
      restarts: payload.restarts ?? null,
      isRepeat,
    });
  });
  if (outcome === 'unknown_client') return UNKNOWN_CLIENT;
  if (outcome === 'too_many')
    return { reason: 'too_many_open_failures', detail: `at most ${MAX_OPEN_FAILURES}` };
  if (outcome === 'opened')
    logger.info('service failure opened', { client_uuid: clientUuid, unit: payload.unit });
  return undefined;
}
