import type { Queryable } from '@infoscreen/prisma';
import { addressKey } from './address-key.ts';
import type { LoginAttempt } from './login-limits.ts';

/** How long an address stays known; the scheduler removes what is older. */
const KNOWN_DAYS = 30;

/** Whether this user has logged in from this address within the last 30 days. Takes as long for a user that there isn't. */
export async function isKnownAddress(db: Queryable, { username, ip }: LoginAttempt): Promise<boolean> {
  const { rows } = await db.query<{ known: boolean }>(
    `SELECT EXISTS (
       SELECT FROM known_login_addresses k JOIN users u ON u.id = k.user_id
       WHERE u.username = $1 AND k.address = $2 AND k.last_login_at > now() - make_interval(days => $3)) AS known`,
    [username.trim().toLowerCase(), addressKey(ip), KNOWN_DAYS],
  );
  return rows[0]?.known === true;
}

/** Notes when and from where a user has logged in. */
export async function rememberLogin(
  db: Queryable,
  { userId, ip }: { readonly userId: string; readonly ip: string },
): Promise<void> {
  await db.query(
    `WITH seen AS (UPDATE users SET last_login_at = now() WHERE id = $1)
     INSERT INTO known_login_addresses (user_id, address) VALUES ($1, $2)
     ON CONFLICT (user_id, address) DO UPDATE SET last_login_at = now()`,
    [userId, addressKey(ip)],
  );
}
