import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { AdminApi } from './admin-api.ts';

const fileSchema = z.array(z.looseObject({ uuid: z.string(), password: z.string(), hostname: z.string() }));
type Account = z.output<typeof fileSchema>[number];

/**
 * Accounts of `count` simulated screens: those of earlier runs, and new ones made through the API where some are missing
 * or the database no longer knows them. Kept in `path`, which the simulator reads.
 */
export async function prepareScreens(
  path: string,
  count: number,
  api: AdminApi | undefined,
): Promise<number> {
  const known = readAccounts(path);
  if (api === undefined) return Math.min(known.length, count);
  const accounts: Account[] = [];
  for (let index = 0; index < count; index += 1) {
    const existing = known[index];
    const isUsable = existing !== undefined && (await api.clientExists(existing.uuid));
    accounts.push(isUsable ? existing : await makeAccount(api, index));
  }
  // Accounts beyond `count` are kept for the next run that asks for more.
  writeAccounts(path, [...accounts, ...known.slice(count)]);
  return count;
}

/** What the simulator is to run now: the first `count` of the kept accounts. */
export function writeActiveScreens(path: string, activePath: string, count: number): void {
  writeAccounts(activePath, readAccounts(path).slice(0, count));
}

/** UUIDs of the screens that the simulator runs now. */
export function readActiveScreens(activePath: string): readonly string[] {
  return readAccounts(activePath).map(({ uuid }) => uuid);
}

async function makeAccount(api: AdminApi, index: number): Promise<Account> {
  const hostname = `simulated-${String(index + 1).padStart(3, '0')}`;
  const credentials = await api.createClient({ hostname, group: 'simulated' });
  return { ...credentials, hostname, model: 'simulated screen', ip: `127.0.0.${(index % 250) + 1}` };
}

function readAccounts(path: string): readonly Account[] {
  if (!existsSync(path)) return [];
  const parsed = fileSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  return parsed.success ? parsed.data : [];
}

function writeAccounts(path: string, accounts: readonly Account[]): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(accounts, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}
