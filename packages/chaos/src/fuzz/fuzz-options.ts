import { parseArgs } from 'node:util';

export interface FuzzOptions {
  readonly seed: number;
  readonly messages: number;
  readonly requests: number;
  readonly brokers: readonly ('mosquitto' | 'embedded')[];
}

/** @throws where an argument is none that it knows */
export function readFuzzOptions(args: readonly string[]): FuzzOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      messages: { type: 'string', default: '100000' },
      requests: { type: 'string', default: '20000' },
      broker: { type: 'string', default: 'mosquitto' },
    },
  });
  const brokers = values.broker === 'both' ? (['mosquitto', 'embedded'] as const) : [values.broker];
  return {
    seed: wholeNumber('seed', values.seed),
    messages: wholeNumber('messages', values.messages),
    requests: wholeNumber('requests', values.requests),
    brokers: brokers.map((broker) => {
      if (broker === 'mosquitto' || broker === 'embedded') return broker;
      throw new Error('--broker is mosquitto, embedded or both');
    }),
  };
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new Error(`--${name} is a whole number`);
}
