import { z } from 'zod';
import { parseArguments, wholeNumber } from '../run/parse-arguments.ts';
import { FLOOD_NAMES, type FloodName } from './flood-kinds.ts';

export interface FloodOptions {
  readonly seconds: number;
  readonly screens: number;
  readonly kinds: readonly FloodName[];
  /** Where the figures are written as JSON; nowhere when left out. */
  readonly jsonFile: string | undefined;
}

const argumentsSchema = z.strictObject({
  seconds: wholeNumber({ min: 1, max: 3600 }).default(30),
  screens: wholeNumber({ min: 1, max: 1000 }).default(20),
  kinds: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(FLOOD_NAMES)))
    .default([...FLOOD_NAMES]),
  json: z.string().optional(),
});

/** @throws one sentence per wrong argument */
export function parseFloodArguments(args: readonly string[]): FloodOptions {
  const { json, ...plan } = parseArguments(argumentsSchema, args);
  return { ...plan, jsonFile: json };
}
