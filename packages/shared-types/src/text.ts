import { z } from 'zod';

/**
 * Besides the controls of terminals and lines those that turn the direction of what follows (embeddings, overrides, isolates): a
 * text that begins one turns its neighbours too. Marks of a direction (U+200E, U+200F, U+061C) turn nothing else and stay, for
 * names in Arabic and Hebrew.
 */
const CONTROL_CHARACTERS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing control characters is the purpose
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+/g;

/** Half a surrogate pair is no character: Postgres stores it neither as text nor in JSON. */
const LONE_SURROGATES = /\p{Surrogate}/gu;

/**
 * Replaces control characters and line separators by one space, so that a value can't forge log lines, break a terminal or turn what stands beside it,
 * and what is no Unicode character by U+FFFD.
 */
export function cleanText(value: string): string {
  return value.replace(CONTROL_CHARACTERS, ' ').replace(LONE_SURROGATES, '\ufffd').trim();
}

/** A bounded string from outside. Longer than `maxLength` characters is refused, control characters are cleaned. */
export function boundedText(maxLength: number) {
  return z.string().max(maxLength).transform(cleanText);
}

/** As `boundedText`, but a string of which nothing is left is refused too. */
export function requiredText(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine((value) => cleanText(value) !== '', 'must hold something to read')
    .transform(cleanText);
}

const CANONICAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Lower-case canonical UUID of any version, as in topics and account names. */
export const uuidSchema = z
  .string()
  .regex(CANONICAL_UUID, 'must be a lower-case UUID')
  .meta({ id: 'Uuid', format: 'uuid' });

/** A UUID as people paste it: upper case is accepted and turned to lower case. */
export const uuidInputSchema = z.string().trim().toLowerCase().regex(CANONICAL_UUID, 'must be a UUID');

export function isUuid(value: string): boolean {
  return CANONICAL_UUID.test(value);
}

/** ISO 8601 with `Z` or an offset, in; the same text, out. A device's clock is shown, never trusted. */
export const deviceTimeSchema = z.iso.datetime({ offset: true });

/** ISO 8601 UTC, as the server writes it. */
export const serverTimeSchema = z.iso.datetime();
