import { commandView, type LifecycleSettings, listCommands, readLockout } from '@infoscreen/commands';
import type { clientDetailSchema } from '@infoscreen/shared-types';
import type { z } from 'zod';
import { clientView, iso, latestHealthView } from './client-view.ts';
import { type ClientReadDeps, readClientRow } from './read-clients.ts';

const RECENT = 10;

export interface ClientDetailDeps extends ClientReadDeps {
  readonly settings: LifecycleSettings;
}

/** One client with its latest health, commands, boots and lockout; null where there is none. */
export async function readClientDetail(
  { pool, graceSeconds, settings }: ClientDetailDeps,
  uuid: string,
): Promise<z.output<typeof clientDetailSchema> | null> {
  const row = await readClientRow(pool, uuid);
  if (row === null) return null;
  const [commands, boots, lockout, account] = await Promise.all([
    listCommands(pool, { clientUuid: uuid, limit: RECENT }),
    pool.query<{ boot_id: string; first_seen_at: Date; command_id: string | null }>(
      'SELECT boot_id, first_seen_at, command_id FROM client_boots WHERE client_uuid = $1 ORDER BY first_seen_at DESC LIMIT $2',
      [uuid, RECENT],
    ),
    readLockout(pool, uuid, settings),
    pool.query<{ suspended_until: Date }>(
      'SELECT suspended_until FROM broker_accounts WHERE client_uuid = $1 AND suspended_until > now()',
      [uuid],
    ),
  ]);
  return {
    ...clientView(row, graceSeconds),
    latest_health: latestHealthView(row),
    recent_commands: commands.outcome === 'page' ? commands.items.map(commandView) : [],
    recent_boots: boots.rows.map((boot) => ({ ...boot, first_seen_at: boot.first_seen_at.toISOString() })),
    lockout,
    suspended_until: iso(account.rows[0]?.suspended_until ?? null),
  };
}
