import { type LifecycleSettings, lockoutJsonSql, recentCommandsJsonSql } from '@infoscreen/commands';
import { jsonArray, jsonObject, jsonText, jsonTime, jsonWord, prepared } from '@infoscreen/prisma';
import type { clientBootSchema, clientDetailSchema } from '@infoscreen/shared-types';
import type { z } from 'zod';
import { clientFields, LATEST_HEALTH_JSON } from './client-json.ts';
import { CLIENT_TABLES_OF_FEW } from './client-sql.ts';
import type { ClientReadDeps } from './read-clients.ts';

const RECENT = 10;

export interface ClientDetailDeps extends ClientReadDeps {
  readonly settings: LifecycleSettings;
}

const BOOT = jsonObject({
  boot_id: jsonText('b.boot_id'),
  first_seen_at: jsonTime('b.first_seen_at'),
  command_id: jsonWord('b.command_id'),
} satisfies Record<keyof z.output<typeof clientBootSchema>, string>);

const DETAIL = jsonObject({
  ...clientFields('$2'),
  latest_health: LATEST_HEALTH_JSON,
  recent_commands: recentCommandsJsonSql('c.uuid', RECENT),
  recent_boots: `(SELECT ${jsonArray(BOOT, 'b.first_seen_at DESC')} FROM (
    SELECT * FROM client_boots WHERE client_uuid = c.uuid ORDER BY first_seen_at DESC LIMIT ${RECENT}) b)`,
  lockout: lockoutJsonSql('c.uuid', '$3', '$4'),
  suspended_until: jsonTime(
    '(SELECT suspended_until FROM broker_accounts WHERE client_uuid = c.uuid AND suspended_until > now())',
  ),
} satisfies Record<keyof z.output<typeof clientDetailSchema>, string>);

/** JSON of one client with its latest health, commands, boots and lockout; null where there is none. */
export async function clientDetailJson(
  { pool, graceSeconds, settings }: ClientDetailDeps,
  uuid: string,
): Promise<string | null> {
  const { rows } = await pool.query<{ json: string }>(
    prepared(
      `SELECT ${DETAIL} AS json FROM ${CLIENT_TABLES_OF_FEW} WHERE c.uuid = $1 AND c.deleted_at IS NULL`,
      [uuid, graceSeconds, settings.lockoutMaxCommands, settings.lockoutWindowSeconds],
    ),
  );
  return rows[0]?.json ?? null;
}
