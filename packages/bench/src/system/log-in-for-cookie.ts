/** @returns the header of the session's cookie. @throws when the log-in isn't answered with 200 */
export async function logInForCookie(
  serverUrl: string,
  login: { readonly username: string; readonly password: string },
): Promise<string> {
  const answer = await fetch(`${serverUrl}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(login),
  });
  if (answer.status !== 200)
    throw new Error(`the log-in of ${login.username} was answered with ${answer.status}`);
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
}
