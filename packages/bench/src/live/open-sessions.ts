import { FIRST_ADMIN, type Fleet } from '@infoscreen/test-kit';

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
    names.map(async (username) => {
      const response = await fetch(`${serverUrl}/api/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username, password: FIRST_ADMIN.password }),
      });
      if (response.status !== 200)
        throw new Error(`the log-in of ${username} was answered with ${response.status}`);
      return response.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; ');
    }),
  );
}
