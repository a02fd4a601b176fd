/** What a person can do about it, by the code of the server (SQLSTATE) or of the system. */
const ADVICE: Readonly<Record<string, (address: string, user: string, database: string) => string>> = {
  '28P01': (address, user) =>
    `The database at ${address} refuses the password of "${user}": set the right user and password in`,
  '28000': (address, user) =>
    `The database at ${address} lets "${user}" not in: set a user that it lets in, and its password, in`,
  '3D000': (address, _user, database) =>
    `There is no database "${database}" at ${address}: make it, or name another one in`,
  '42501': (address, user) =>
    `The user "${user}" may not change the schema at ${address}: give it the right to, or set one that has it in`,
};
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/**
 * Why the database of a person's own can't be migrated, in one sentence that says what to do.
 * @param setting the setting that `url` came from
 */
export function databaseProblem(error: unknown, { url, setting }: { url: string; setting: string }): string {
  const { hostname, port, username, pathname } = new URL(url);
  const address = `${hostname}:${port || 5432}`;
  const code = (error as { code?: unknown } | null)?.code;
  const advice = typeof code === 'string' ? ADVICE[code] : undefined;
  if (advice !== undefined) {
    const [user, database] = [username, pathname.slice(1)].map(decodeURIComponent);
    return `${advice(address, user ?? '', database ?? '')} ${setting}.`;
  }
  const said = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  return (typeof code === 'string' && UNREACHABLE.has(code)) || /timeout/i.test(said)
    ? `No database answers at ${address} (${typeof code === 'string' ? code : said}): start it, or set its host and port in ${setting}.`
    : `The database at ${address} can't be migrated (${said}): mend that, or set another database in ${setting}.`;
}
