import { listenerSettingsSchema } from '@infoscreen/listener';
import { schedulerSettingsSchema } from '@infoscreen/scheduler';
import { serverSettingsSchema } from '@infoscreen/server';
import { describe, expect, it } from '@jest/globals';
import { sectionOf, tableRows } from './markdown.ts';
import { readText } from './repository-files.ts';

const POOLS: Readonly<Record<string, number>> = {
  server: serverSettingsSchema.shape.DATABASE_POOL_SIZE.parse(undefined),
  listener: listenerSettingsSchema.shape.DATABASE_POOL_SIZE.parse(undefined),
  scheduler: schedulerSettingsSchema.shape.DATABASE_POOL_SIZE.parse(undefined),
};
/** Calls of `listen`, which opens a connection of its own. */
const LISTENERS: Readonly<Record<string, number>> = { server: 1, listener: 0, scheduler: 0 };
/** What PostgreSQL keeps for superusers, and what the page leaves for people and the migrate step. */
const KEPT = 3 + 5;
const MAX_CONNECTIONS = Number(/max_connections=(\d+)/.exec(readText('docker-compose.yml'))?.[1]);

const page = sectionOf(readText('docs/performance.md'), 'Connections');
const rows = tableRows(page);
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const ofAll = sum(Object.entries(POOLS).map(([service, pool]) => pool + (LISTENERS[service] ?? 0)));

describe('the page on connections', () => {
  it('says what each service holds with the defaults of its settings', () => {
    const said = rows.filter(([service = '']) => service in POOLS).map((row) => row.slice(0, 4));
    expect(said).toEqual(
      Object.entries(POOLS).map(([service, pool]) => {
        const outside = LISTENERS[service] ?? 0;
        return [service, `${pool}`, `${outside}`, `${pool + outside}`];
      }),
    );
  });

  it('counts those that services open outside of their pool', () => {
    const opened = ['server', 'listener', 'scheduler'].map((service) => [
      service,
      (readText(`packages/${service}/src/start-${service}.ts`).match(/listenAt\(|new pg\.Client/g) ?? [])
        .length,
    ]);
    expect(Object.fromEntries(opened)).toEqual(LISTENERS);
  });

  it('adds them up for so many replicas, and says how many fit into the PostgreSQL of docker-compose', () => {
    expect(page).toContain(`\`max_connections\` ${MAX_CONNECTIONS}`);
    const counted = rows.filter(([replicas = '']) => /^\d+$/.test(replicas));
    expect(counted.map(([replicas, connections]) => [replicas, connections])).toEqual(
      counted.map(([replicas]) => [replicas, `${Number(replicas) * ofAll}`]),
    );
    const most = Number(counted.at(-1)?.[0]);
    expect(most).toBe(Math.floor((MAX_CONNECTIONS - KEPT) / ofAll));
    expect(page).toContain('Six replicas fit');
    expect(most).toBe(6);
  });
});
