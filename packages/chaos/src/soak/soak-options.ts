import { z } from 'zod';
import { parseArguments, wholeNumber } from '../run/parse-arguments.ts';

export interface SoakOptions {
  readonly seconds: number;
  readonly screens: number;
  readonly replicas: number;
  /** Where the figures are written as JSON; nowhere when left out. */
  readonly jsonFile: string | undefined;
}

const count = wholeNumber({ min: 1, max: 999_999 });

const argumentsSchema = z.strictObject({
  seconds: count.default(600),
  screens: count.default(1000),
  replicas: count.default(1),
  json: z.string().optional(),
});

/** @throws one sentence per wrong argument */
export function parseSoakArguments(args: readonly string[]): SoakOptions {
  const { json, ...counts } = parseArguments(argumentsSchema, args);
  return { ...counts, jsonFile: json };
}
