import { z } from 'zod';
import { FAULT_KINDS, type FaultKind } from '../faults/fault-kinds.ts';
import { MAX_SEED, parseArguments, wholeNumber } from './parse-arguments.ts';

/** Naive variants of which each must be caught. */
export const TWINS = ['acknowledge-before-commit', 'share-group', 'device-without-deduplication'] as const;
export type Twin = (typeof TWINS)[number];

const count = wholeNumber({ min: 1 });
const rate = z.coerce.number().min(0);

const argumentsSchema = z.strictObject({
  seed: wholeNumber({ max: MAX_SEED }).optional(),
  /** For how long faults happen; settling comes after it. */
  seconds: count.default(120),
  faults: wholeNumber().default(20),
  kinds: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(FAULT_KINDS)).min(1))
    .optional(),
  screens: count.default(60),
  'commands-per-second': rate.default(3),
  'acks-per-second': rate.default(100),
  'failures-per-second': rate.default(10),
  'ttl-seconds': count.default(45),
  'pause-seconds': count.default(10),
  twin: z.enum(TWINS).optional(),
  json: z.string().optional(),
  logs: z.string().optional(),
});

export interface ChaosOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly faults: number;
  readonly kinds: readonly FaultKind[];
  readonly screens: number;
  readonly commandsPerSecond: number;
  /** ACKs that screens repeat, besides the ones that belong to each command. */
  readonly acksPerSecond: number;
  readonly failuresPerSecond: number;
  readonly ttlSeconds: number;
  readonly pauseSeconds: number;
  readonly twin?: Twin;
  /** Where the figures go as JSON. */
  readonly jsonFile?: string;
  /** Where the logs of the services go, and all findings as JSON. */
  readonly logFolder?: string;
}

/** @throws one sentence per wrong argument */
export function parseChaosArguments(args: readonly string[], anySeed: number): ChaosOptions {
  const data = parseArguments(argumentsSchema, args);
  return {
    seed: data.seed ?? anySeed,
    seconds: data.seconds,
    faults: data.faults,
    kinds: data.kinds ?? FAULT_KINDS,
    screens: data.screens,
    commandsPerSecond: data['commands-per-second'],
    acksPerSecond: data['acks-per-second'],
    failuresPerSecond: data['failures-per-second'],
    ttlSeconds: data['ttl-seconds'],
    pauseSeconds: data['pause-seconds'],
    ...(data.twin === undefined ? {} : { twin: data.twin }),
    ...(data.json === undefined ? {} : { jsonFile: data.json }),
    ...(data.logs === undefined ? {} : { logFolder: data.logs }),
  };
}
