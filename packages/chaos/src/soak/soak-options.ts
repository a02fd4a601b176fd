import { parseArgs } from 'node:util';

export interface SoakOptions {
  readonly seconds: number;
  readonly screens: number;
  readonly replicas: number;
  /** Where the figures are written as JSON; nowhere when left out. */
  readonly jsonFile: string | undefined;
}

/** @throws where an argument is none that it knows */
export function readSoakOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '600' },
      screens: { type: 'string', default: '1000' },
      replicas: { type: 'string', default: '1' },
      json: { type: 'string' },
    },
  });
  const positive = (name: string, text: string) => {
    if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
    throw new Error(`--${name} is a whole number above 0`);
  };
  return {
    seconds: positive('seconds', values.seconds),
    screens: positive('screens', values.screens),
    replicas: positive('replicas', values.replicas),
    jsonFile: values.json,
  };
}
