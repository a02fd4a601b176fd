import { randomBytes } from 'node:crypto';

/** Below it a value would be found by chance. */
const MIN_LENGTH = 8;

/** Secrets that a run is given or makes, and the search for them in whatever the run leaves. Further kinds of secrets are added here. */
export class PlantedSecrets {
  readonly #forms = new Map<string, ReadonlySet<string>>();

  /** Makes a value that stands nowhere by chance, and remembers it. */
  plant(name: string, length = 32): string {
    return this.add(name, `Pl4nted-${randomBytes(length).toString('hex')}`.slice(0, length));
  }

  /** Remembers a value that the run made. @throws when it is no text that can be searched for */
  add(name: string, value: unknown): string {
    if (typeof value !== 'string' || value.length < MIN_LENGTH)
      throw new Error(`${name} is no secret to search for: ${typeof value}`);
    this.#forms.set(`${name} (${this.#forms.size})`, formsOf(value));
    return value;
  }

  get names(): readonly string[] {
    return [...this.#forms.keys()];
  }

  /** Names of those that stand in the text, in whatever form. */
  in(text: string): readonly string[] {
    return [...this.#forms]
      .filter(([, forms]) => [...forms].some((form) => text.includes(form)))
      .map(([name]) => name);
  }
}

/** The value as it stands in logs, addresses, headers, JSON and columns of bytes. */
function formsOf(value: string): ReadonlySet<string> {
  const hex = Buffer.from(value).toString('hex');
  return new Set([
    value,
    value.toLowerCase(),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    hex,
    hex.toUpperCase(),
    ...base64Inside(value, 'base64'),
    ...base64Inside(value, 'base64url'),
  ]);
}

/** What of the value's base64 is the same wherever it begins within something longer. */
function base64Inside(value: string, encoding: 'base64' | 'base64url'): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
    const whole = bytes.subarray(0, bytes.length - (bytes.length % 3)).toString(encoding);
    return whole.slice(offset === 0 ? 0 : 4);
  });
}
