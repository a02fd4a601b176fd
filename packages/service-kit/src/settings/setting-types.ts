import { z } from 'zod';

const PLACEHOLDERS = new Set([
  'change-me',
  'change_me',
  'changeme',
  'password',
  'passwort',
  'secret',
  'example',
  'placeholder',
  'default',
  'admin',
  'test',
  'todo',
  'xxx',
]);

/** Whether a value was left as an example file has it. */
export function isPlaceholder(value: string): boolean {
  const text = value.trim().toLowerCase();
  return text === '' || PLACEHOLDERS.has(text) || /^change[-_ ]?me/.test(text) || /^<.*>$/.test(text);
}

/** A secret. Refuses what is missing, too short or a placeholder; the sentence says what to set. */
export function secretSchema(minLength = 16) {
  const advice = `set it to a random value of at least ${minLength} characters, e.g. from: openssl rand -hex 32`;
  return z
    .string({ error: `missing: ${advice}` })
    .refine((value) => !isPlaceholder(value), { error: `still a placeholder: ${advice}`, abort: true })
    .refine((value) => value.length >= minLength, { error: `too short: ${advice}` });
}

/** A text that has to be set; `advice` ends the sentence "NAME: …". */
export function requiredSetting(advice: string) {
  return z.string({ error: `missing: ${advice}` }).min(1, { error: `missing: ${advice}` });
}

/** `true`/`false`, also written `1`/`0`, `yes`/`no`, `on`/`off`. */
export function booleanSetting(defaultValue: boolean) {
  return z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', '1', 'yes', 'on', 'false', '0', 'no', 'off'], { error: 'must be true or false' }))
    .transform((value) => ['true', '1', 'yes', 'on'].includes(value))
    .default(defaultValue);
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** A whole number within `min` (0) and `max`. */
export function integerSetting(defaultValue: number, { min = 0, max = 2_147_483_647 }: Range = {}) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^-?\d{1,12}$/, { error, abort: true })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error })
    .default(defaultValue);
}

/** Seconds, a whole number from 1 on. */
export function secondsSetting(defaultSeconds: number, { min = 1, max = 86_400 }: Range = {}) {
  return integerSetting(defaultSeconds, { min, max });
}

/** A TCP port; 0 lets the system choose a free one. */
export function portSetting(defaultPort: number) {
  return integerSetting(defaultPort, { min: 0, max: 65_535 });
}
