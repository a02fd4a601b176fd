import { type LifecycleSettings, lockoutJsonSql, recentCommandsJsonSql } from '@infoscreen/commands';
import {
  jsonArray,
  jsonObject,
  jsonText,
  jsonTime,
  jsonWord,
  prepared,
  StatementBatches,
} from '@infoscreen/prisma';
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
  ...clientFields('$1'),
  latest_health: LATEST_HEALTH_JSON,
  recent_commands: recentCommandsJsonSql('c.uuid', RECENT),
  recent_boots: `(SELECT ${jsonArray(BOOT, 'b.first_seen_at DESC')} FROM (
    SELECT * FROM client_boots WHERE client_uuid = c.uuid ORDER BY first_seen_at DESC LIMIT ${RECENT}) b)`,
  lockout: lockoutJsonSql('c.uuid', '$2', '$3'),
  suspended_until: jsonTime(
    '(SELECT suspended_until FROM broker_accounts WHERE client_uuid = c.uuid AND suspended_until > now())',
  ),
} satisfies Record<keyof z.output<typeof clientDetailSchema>, string>);

/**
 * Of how many clients one statement tells at most. Its text has so many parameters, and the last client fills up those that
 * are left: so its plan is made for as many clients as it gets, once, and not again for each number of them.
 */
const MAX_BATCH = 16;
const MANY = Array.from({ length: MAX_BATCH }, (_, index) => `$${index + 4}`).join(', ');

const detailSql = (which: string) =>
  `SELECT c.uuid, ${DETAIL} AS json FROM ${CLIENT_TABLES_OF_FEW} WHERE ${which} AND c.deleted_at IS NULL`;
const OF_ONE = detailSql('c.uuid = $4');
const OF_MANY = detailSql(`c.uuid IN (${MANY})`);

/** JSON of one client with its latest health, commands, boots and lockout; null where there is none. */
export type ReadClientDetail = (uuid: string) => Promise<string | null>;

/**
 * Those who ask at the same moment ask by one statement, which begins after each of them came: to begin and end it takes the
 * database as long as to tell of several clients.
 */
export function createClientDetails({ pool, graceSeconds, settings }: ClientDetailDeps): ReadClientDetail {
  const bounds = [graceSeconds, settings.lockoutMaxCommands, settings.lockoutWindowSeconds];
  const batches = new StatementBatches<string, string | null>({
    run: async (uuids) => {
      const [last] = uuids.slice(-1);
      const filled = Array.from({ length: uuids.length === 1 ? 1 : MAX_BATCH }, (_, n) => uuids[n] ?? last);
      const { rows } = await pool.query<{ uuid: string; json: string }>(
        prepared(uuids.length === 1 ? OF_ONE : OF_MANY, [...bounds, ...filled]),
      );
      const found = new Map(rows.map(({ uuid, json }) => [uuid, json]));
      return uuids.map((uuid) => found.get(uuid) ?? null);
    },
    maxItems: MAX_BATCH,
  });
  return (uuid) => batches.add(uuid);
}
