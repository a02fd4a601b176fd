import { listenerSettingsSchema } from '@infoscreen/listener';
import { schedulerSettingsSchema } from '@infoscreen/scheduler';
import { serverSettingsSchema } from '@infoscreen/server';
import { describe, expect, it } from '@jest/globals';
import { codeIn, sectionOf, tableRows } from './markdown.ts';
import { readText } from './repository-files.ts';

interface Setting {
  safeParse(value: unknown): { readonly success: boolean; readonly data?: unknown };
}
const SCHEMAS: Readonly<Record<string, Readonly<Record<string, Setting>>>> = {
  server: serverSettingsSchema.shape,
  listener: listenerSettingsSchema.shape,
  scheduler: schedulerSettingsSchema.shape,
};

const PAGE = readText('docs/configuration.md');
const rowsOf = (heading: string) => tableRows(sectionOf(PAGE, heading));

/** Rows of the services' tables; where the default differs, both columns list it in the same order, behind semicolons. */
const documented = [...rowsOf('Services'), ...rowsOf('Seldom changed')].flatMap(
  ([name, fallback = '', services = '']) => {
    const fallbacks = fallback.split('; ');
    return services.split('; ').flatMap((group, index) =>
      group.split(', ').map((service) => ({
        service,
        name: codeIn(name),
        fallback: fallbacks[index] ?? fallback,
      })),
    );
  },
);

/** Names in `.env.example`, each with the comment above it; names that stand together share theirs. */
const example = new Map<string, string>();
let comment: string[] = [];
let isAfterName = false;
for (const line of readText('.env.example').split('\n')) {
  const name = /^([A-Z][A-Z0-9_]*)=/.exec(line)?.[1];
  if (name !== undefined) example.set(name, comment.join(' '));
  else comment = isAfterName ? [line] : [...comment, line];
  isAfterName = name !== undefined;
}

describe('the page of settings', () => {
  it.each(Object.keys(SCHEMAS))('has every setting of %s, and no other', (service) => {
    const names = documented.filter((row) => row.service === service).map(({ name }) => name);
    expect(names.toSorted()).toEqual(Object.keys(SCHEMAS[service] ?? {}).sort());
  });

  it.each(documented)('says the default of $name for $service', ({ service, name, fallback }) => {
    expect(fallback).toBe(defaultOf(SCHEMAS[service]?.[name]));
  });
});

describe('.env.example', () => {
  it('has every setting that the page has, and no other', () => {
    expect([...example.keys()].sort()).toEqual(
      tableRows(PAGE)
        .map(([name]) => codeIn(name))
        .toSorted(),
    );
  });

  it('tells the default where it leaves a service to it', () => {
    const untold = documented.filter(
      ({ name, fallback }) =>
        isEmptyInExample(name) && !SPEAKS_FOR_ITSELF.has(fallback) && !example.get(name)?.includes(fallback),
    );
    // How many connections are sensible, and on which ports containers listen, isn't the reader's concern.
    expect(new Set(untold.map(({ name }) => name))).toEqual(
      new Set(['DATABASE_POOL_SIZE', 'HOST', 'OPS_HOST', 'OPS_PORT', 'TRUST_PROXY']),
    );
  });

  it('holds no secret', () => {
    const secrets = [...example.keys()].filter((name) => /PASSWORD$|SECRET$|KEY$/.test(name));
    expect(secrets.length).toBeGreaterThan(0);
    expect(secrets.filter((name) => !isEmptyInExample(name))).toEqual([]);
  });

  it('has what docker-compose reads, and else only what is not for containers', () => {
    const composed = readText('docker-compose.yml') + readText('docker-compose.tls.yml');
    const read = new Set([...composed.matchAll(/\$\{([A-Z][A-Z0-9_]*)[:}]/g)].map((match) => match[1] ?? ''));
    expect([...read].filter((name) => !example.has(name))).toEqual([]);
    expect([...example.keys()].filter((name) => !read.has(name)).toSorted()).toEqual([
      'DATABASE_URL',
      'HOST',
      'INSTANCE_ID',
      'LOCAL_BROKER',
      'MIGRATION_DATABASE_URL',
      'MQTT_CA_FILE',
      'MQTT_HOST',
      'MQTT_TLS',
      'OPS_HOST',
      'OPS_PORT',
    ]);
  });
});

const SPEAKS_FOR_ITSELF = new Set(['required', 'none', 'made']);

function isEmptyInExample(name: string): boolean {
  return new RegExp(`^${name}=$`, 'm').test(readText('.env.example'));
}

/** As the page writes it. */
function defaultOf(setting: Setting | undefined): string {
  if (setting === undefined) return 'no such setting';
  const [first, second] = [setting.safeParse(undefined), setting.safeParse(undefined)];
  if (!first.success) return 'required';
  if (first.data === undefined) return 'none';
  return first.data === second.data ? `${first.data as string | number | boolean}` : 'made';
}
