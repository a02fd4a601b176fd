import { mosquittoAvailable } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import type { FaultKind } from '../src/faults/fault-kinds.ts';
import type { ChaosOptions } from '../src/run/chaos-options.ts';
import { runChaos } from '../src/run/run-chaos.ts';

/** One fault of each of these; what a small disk takes, only the long run has. */
const KINDS: readonly FaultKind[] = [
  'kill_server',
  'kill_listener',
  'terminate',
  'broker_kill',
  'postgres_stop',
  'pause',
  'link_stall',
  'link_cut',
];

const SHORT_RUN: ChaosOptions = {
  seed: 20_261_125,
  seconds: 25,
  faults: KINDS.length,
  kinds: KINDS,
  screens: 50,
  commandsPerSecond: 2,
  acksPerSecond: 60,
  failuresPerSecond: 10,
  ttlSeconds: 30,
  pauseSeconds: 4,
};

const SUITE = 'the real services under faults';
const suite = mosquittoAvailable() ? describe : describe.skip;

suite(SUITE, () => {
  it('lose nothing, run nothing twice, and say of every command what became of it', async () => {
    const { figures, findings, faults, stories } = await runChaos(SHORT_RUN, { say: () => {} });
    expect(stories.join('\n\n')).toBe('');
    expect(findings).toEqual([]);
    expect(faults.map(({ kind }) => kind).sort()).toEqual([...KINDS].sort());
    expect(figures.commandsAccepted).toBeGreaterThan(0);
    expect(figures.acksTaken).toBeGreaterThan(figures.commandsAccepted);
    expect(figures.serviceFailedTaken).toBeGreaterThan(0);
  }, 300_000);
});
