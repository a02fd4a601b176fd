import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Environment } from './stack-settings.ts';

/** Secrets of the local stack; each is made once, when nobody set it. */
const SECRET_NAMES = [
  'POSTGRES_PASSWORD',
  'POSTGRES_SERVICE_PASSWORD',
  'MQTT_PASSWORD',
  'MQTT_ADMIN_PASSWORD',
  'SESSION_SECRET',
  'CREDENTIALS_KEY',
  'ADMIN_PASSWORD',
] as const;
export type SecretName = (typeof SECRET_NAMES)[number];

export interface StackSecrets {
  readonly values: Readonly<Record<SecretName, string>>;
  /** Those that were made just now. */
  readonly made: ReadonlySet<SecretName>;
}

export function readEnvFile(path: string): Environment {
  return existsSync(path) ? (parseEnv(readFileSync(path, 'utf8')) as Environment) : {};
}

/** What was set, else what was kept, else a new one: 24 random bytes as base64url, which a shell reads as it stands. */
export function settleSecrets(given: Environment, kept: Environment): StackSecrets {
  const made = new Set<SecretName>();
  const values = Object.fromEntries(
    SECRET_NAMES.map((name) => {
      const known = given[name] ?? kept[name];
      if (known === undefined) made.add(name);
      return [name, known ?? randomBytes(24).toString('base64url')];
    }),
  ) as Record<SecretName, string>;
  return { values, made };
}

/**
 * Keeps the secrets that nobody set, and where everything is, in a file that a shell can source. Readable by its owner
 * only, and replaced in one step, so that no reader ever sees half of it.
 */
export function writeStackEnv(
  path: string,
  given: Environment,
  secrets: StackSecrets,
  whereabouts: Environment,
): void {
  const own = Object.entries(secrets.values).filter(([name]) => given[name] === undefined);
  const lines = [
    '# Made by `npm start`. Secrets that nobody set, kept from run to run; and where the parts are listening.',
    '# In a shell: set -a; . .local/stack.env; set +a',
    ...[...own, ...Object.entries(whereabouts)].map(([name, value]) => `${name}=${forShell(value ?? '')}`),
  ];
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${lines.join('\n')}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/** What somebody set may hold blanks and signs that a shell takes for its own. */
function forShell(value: string): string {
  return /^[\w.:/@-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
