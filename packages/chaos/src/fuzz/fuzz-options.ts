import type { BrokerKind } from '@infoscreen/local-stack';
import { z } from 'zod';
import { MAX_SEED, parseArguments, wholeNumber } from '../run/parse-arguments.ts';

export interface FuzzOptions {
  readonly seed: number;
  readonly messages: number;
  readonly requests: number;
  readonly brokers: readonly BrokerKind[];
}

const argumentsSchema = z.strictObject({
  seed: wholeNumber({ max: MAX_SEED }).optional(),
  messages: wholeNumber().default(100_000),
  requests: wholeNumber().default(20_000),
  broker: z.enum(['mosquitto', 'embedded', 'both']).default('mosquitto'),
});

/** @throws one sentence per wrong argument */
export function parseFuzzArguments(args: readonly string[], anySeed: number): FuzzOptions {
  const { seed = anySeed, messages, requests, broker } = parseArguments(argumentsSchema, args);
  return { seed, messages, requests, brokers: broker === 'both' ? ['mosquitto', 'embedded'] : [broker] };
}
