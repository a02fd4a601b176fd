import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CLIENT_STATUSES,
  type ClientFacts,
  type ClientStatus,
  clientStatus,
  crashReason,
  HEALTH_LIMITS,
  hasBrokenHealth,
  isAlive,
  isUnreachable,
  PROCESS_STATUSES,
} from '../../src/index.ts';

const NOW = 1_800_000_000_000;
const GRACE_MS = 180_000;
const CLOCK = { now: NOW, graceMs: GRACE_MS };
const STALE = NOW - GRACE_MS;
const FRESH = STALE + 1;

const NO_METRICS = { cpuPercent: null, memoryPercent: null, diskPercent: null, temperatureC: null };
const WELL: ClientFacts = {
  lastMessageAt: NOW,
  lastAliveAt: NOW,
  presenceOnline: true,
  processStatus: 'running',
  hasOpenFailure: false,
  isRecoveryExhausted: false,
  metrics: NO_METRICS,
};
const statusOf = (facts: Partial<ClientFacts>) => clientStatus({ ...WELL, ...facts }, CLOCK);

describe('the status of a client', () => {
  it.each<[ClientStatus, string, Partial<ClientFacts>]>([
    ['healthy', 'nothing is wrong', {}],
    ['healthy', 'it never told a process status', { processStatus: null }],
    ['healthy', 'its app was stopped on purpose', { processStatus: 'stopped' }],
    ['healthy', 'its presence was never told', { presenceOnline: null }],
    ['healthy', 'it sends messages, but never sent a heartbeat', { lastAliveAt: null }],
    ['never_seen', 'it never sent anything', { lastMessageAt: null }],
    ['unreachable', 'its last message is as old as the grace', { lastMessageAt: STALE }],
    ['unreachable', 'its presence says offline', { presenceOnline: false }],
    ['crashed', 'it says so', { processStatus: 'crashed' }],
    ['crashed', 'it talks, but its heartbeat is stale', { lastAliveAt: STALE }],
    ['degraded', 'a failure is open', { hasOpenFailure: true }],
    ['degraded', 'its recovery is exhausted', { isRecoveryExhausted: true }],
    ['degraded', 'its disk is full', { metrics: { ...NO_METRICS, diskPercent: 97 } }],
  ])('is %s when %s', (status, _why, facts) => {
    expect(statusOf(facts)).toBe(status);
  });

  it('is the first of the rules that apply', () => {
    // Everything is wrong at first; each step mends what the status named.
    const steps: readonly [Partial<ClientFacts>, ClientStatus][] = [
      [{ lastMessageAt: null }, 'never_seen'],
      [{ lastMessageAt: NOW }, 'unreachable'],
      [{ presenceOnline: true }, 'crashed'],
      [{ processStatus: 'running', lastAliveAt: NOW }, 'degraded'],
      [{ hasOpenFailure: false }, 'degraded'],
      [{ isRecoveryExhausted: false }, 'degraded'],
      [{ metrics: NO_METRICS }, 'healthy'],
    ];
    let facts: ClientFacts = {
      lastMessageAt: null,
      lastAliveAt: STALE,
      presenceOnline: false,
      processStatus: 'crashed',
      hasOpenFailure: true,
      isRecoveryExhausted: true,
      metrics: { ...NO_METRICS, cpuPercent: 100 },
    };
    for (const [mended, status] of steps) {
      facts = { ...facts, ...mended };
      expect(clientStatus(facts, CLOCK)).toBe(status);
    }
  });

  it('agrees with its parts for all facts', () => {
    const time = fc.option(fc.integer({ min: NOW - 3 * GRACE_MS, max: NOW + 1000 }));
    const share = fc.option(fc.double({ min: 0, max: 100, noNaN: true }));
    const facts: fc.Arbitrary<ClientFacts> = fc.record({
      lastMessageAt: time,
      lastAliveAt: time,
      presenceOnline: fc.option(fc.boolean()),
      processStatus: fc.option(fc.constantFrom(...PROCESS_STATUSES)),
      hasOpenFailure: fc.boolean(),
      isRecoveryExhausted: fc.boolean(),
      metrics: fc.record({
        cpuPercent: share,
        memoryPercent: share,
        diskPercent: share,
        temperatureC: share,
      }),
    });
    fc.assert(
      fc.property(facts, (known) => {
        const status = clientStatus(known, CLOCK);
        expect(CLIENT_STATUSES).toContain(status);
        if (status === 'unreachable') expect(isUnreachable(known, CLOCK)).toBe(true);
        if (status === 'crashed') expect(crashReason(known, CLOCK)).not.toBeNull();
        if (status === 'healthy') {
          expect(isUnreachable(known, CLOCK)).toBe(false);
          expect(crashReason(known, CLOCK)).toBeNull();
          expect(hasBrokenHealth(known)).toBe(false);
        }
      }),
    );
  });
});

describe('a client is alive', () => {
  it('until its last heartbeat or health report is as old as the grace', () => {
    expect(isAlive(FRESH, CLOCK)).toBe(true);
    expect(isAlive(STALE, CLOCK)).toBe(false);
    expect(isAlive(null, CLOCK)).toBe(false);
  });
});

describe('the reason of a crash', () => {
  it('is process_crashed when the client says so, however stale its heartbeat is', () => {
    expect(crashReason({ processStatus: 'crashed', lastAliveAt: STALE }, CLOCK)).toBe('process_crashed');
  });

  it('is heartbeat_stale only for a client that ever sent a heartbeat', () => {
    expect(crashReason({ processStatus: 'running', lastAliveAt: STALE }, CLOCK)).toBe('heartbeat_stale');
    expect(crashReason({ processStatus: 'running', lastAliveAt: null }, CLOCK)).toBeNull();
  });
});

describe('health is broken', () => {
  it.each(Object.entries(HEALTH_LIMITS))('from the limit of %s on: %d', (name, limit) => {
    expect(hasBrokenHealth({ metrics: { ...NO_METRICS, [name]: limit } })).toBe(true);
    expect(hasBrokenHealth({ metrics: { ...NO_METRICS, [name]: limit - 0.1 } })).toBe(false);
  });

  it('by nothing that was never told', () => {
    expect(hasBrokenHealth({ metrics: NO_METRICS })).toBe(false);
  });
});
