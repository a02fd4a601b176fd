import { z } from 'zod';
import { parseArguments, wholeNumber } from '../run/parse-arguments.ts';

export interface BruteForceOptions {
  /** Of each attack; shorter than the window of the limits. */
  readonly seconds: number;
  /** Log-ins under way at the same time. */
  readonly attackers: number;
  /** Where the figures are written as JSON; nowhere when left out. */
  readonly jsonFile: string | undefined;
}

const argumentsSchema = z.strictObject({
  seconds: wholeNumber({ min: 1, max: 600 }).default(20),
  attackers: wholeNumber({ min: 1, max: 500 }).default(32),
  json: z.string().optional(),
});

/** @throws one sentence per wrong argument */
export function parseBruteForceArguments(args: readonly string[]): BruteForceOptions {
  const { json, ...counts } = parseArguments(argumentsSchema, args);
  return { ...counts, jsonFile: json };
}
