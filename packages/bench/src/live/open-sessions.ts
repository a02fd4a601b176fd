import { FIRST_ADMIN, type Fleet } from '@infoscreen/test-kit';
import { logInForCookie } from '../system/log-in-for-cookie.ts';

/** As many viewers, logged in. @returns the cookie of each */
export async function openSessions(fleet: Fleet, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, n) => `viewer-${n}`);
  await fleet.database.asOwner(
    `INSERT INTO users (id, username, password_hash, role)
     SELECT gen_random_uuid(), name, password_hash, 'viewer' FROM users, unnest($2::text[]) AS name WHERE username = $1`,
    [FIRST_ADMIN.username, names],
  );
  const serverUrl = fleet.of('server')[0]?.url ?? '';
  return await Promise.all(
    names.map((username) => logInForCookie(serverUrl, { username, password: FIRST_ADMIN.password })),
  );
}
