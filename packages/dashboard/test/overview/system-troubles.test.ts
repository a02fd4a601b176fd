import type { MonitoringSystemView } from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import { systemTroubles } from '../../src/overview/system-troubles.ts';

const time = '2026-03-01T12:00:00.000Z';
const service = (name: 'server' | 'listener' | 'scheduler', up = true) => ({
  service: name,
  instance: `${name}-0`,
  version: '1',
  up,
  started_at: time,
  last_seen_at: time,
  report: { ready: true, mqtt: null, loops: [] },
});
const lane = (up: boolean) => ({
  lane: 0,
  holder: 'listener-0',
  acks_stored_at: time,
  telemetry_stored_at: time,
  up,
  lag_s: 1,
});
const broken = (change: Partial<MonitoringSystemView>): MonitoringSystemView => ({
  healthy: false,
  problems: ['something'],
  database: { up: true, latency_ms: 1, version: '18' },
  broker: { up: true, since: time, accounts_pending: 0, suspended_clients: [] },
  services: [service('server'), service('listener'), service('scheduler')],
  ingest: { lanes: [lane(true)] },
  ...change,
});

describe('the trouble of the system', () => {
  it('is none where all is well', () => {
    expect(systemTroubles({ ...broken({}), healthy: true })).toEqual([]);
  });

  it.each([
    ['broker', broken({ broker: { up: false, since: null, accounts_pending: 0, suspended_clients: [] } })],
    ['listener', broken({ services: [service('server'), service('listener', false), service('scheduler')] })],
    ['scheduler', broken({ services: [service('server'), service('listener')] })],
    ['ingest', broken({ ingest: { lanes: [lane(true), lane(false)] } })],
    ['database', broken({ database: { up: false, latency_ms: null, version: null } })],
    ['other', broken({})],
  ] as const)('is said to be that of the %s', (trouble, system) => {
    expect(systemTroubles(system)).toEqual([trouble]);
  });
});
