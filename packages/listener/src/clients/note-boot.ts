import { observeBoot } from '@infoscreen/commands';
import type { IntakeDeps } from '../intake/intake-deps.ts';

/** Takes note of the boot that a client reports, where it isn't the stored one. Only for topics that carry the UUID. */
export async function noteBoot(
  { pool, boots, logger }: Pick<IntakeDeps, 'pool' | 'boots' | 'logger'>,
  clientUuid: string,
  reported: string | undefined,
  stored: string | null,
): Promise<void> {
  if (reported === undefined || reported === '' || reported === stored) return;
  // After a power cut every screen has another boot, and mostly a batch of discoveries has stored it meanwhile.
  if (boots.has(clientUuid, reported)) return;
  const { outcome, commandId } = await observeBoot({ pool }, { clientUuid, bootId: reported });
  if (outcome !== 'unknown_client') boots.add(clientUuid, reported);
  if (outcome === 'rebooted')
    logger.info('client rebooted', { client_uuid: clientUuid, command_id: commandId });
}
