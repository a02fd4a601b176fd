import { readFile } from 'node:fs/promises';
import { uuidInputSchema } from '@infoscreen/shared-types';
import { z } from 'zod';
import { SettingsError } from '../env.ts';

const screenAccountSchema = z.object({
  uuid: uuidInputSchema,
  password: z.string().min(1),
  hostname: z.string().optional(),
  ip: z.string().optional(),
  model: z.string().optional(),
  osVersion: z.string().optional(),
  appVersion: z.string().optional(),
  isLegacy: z.boolean().optional(),
});

/** A simulated screen as it stands in the accounts file: what `POST /api/clients` gave out, and how it introduces itself. */
export type ScreenAccount = z.input<typeof screenAccountSchema>;

/**
 * Reads the JSON array of screen accounts. The file holds passwords and should be readable by its owner alone.
 * @throws SettingsError that says what is wrong with the file
 */
export async function readScreenAccounts(path: string) {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new SettingsError([`SIMULATED_SCREENS_FILE cannot be read: ${error.message}`]);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new SettingsError([`SIMULATED_SCREENS_FILE ${path} is not JSON`]);
  }
  const parsed = z.array(screenAccountSchema).min(1).safeParse(json);
  if (parsed.success) return parsed.data.map(withoutUndefined);
  throw new SettingsError(
    parsed.error.issues.map(
      (issue) => `SIMULATED_SCREENS_FILE ${issue.path.map(String).join('.')}: ${issue.message}`,
    ),
  );
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Given<T>;
}
