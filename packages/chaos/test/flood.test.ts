import { mosquittoAvailable } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { parseFloodArguments } from '../src/flood/flood-options.ts';
import { latenciesOf } from '../src/flood/latencies.ts';
import { runFlood } from '../src/flood/run-flood.ts';

const BURST = 250;
const PER_SECOND = 10;
/** Of one flood with all that is waited for around it, at most. */
const LONGEST_SECONDS = 150;

describe('the figures of a flood', () => {
  it('are the times below which so many of a hundred lie', () => {
    const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect(latenciesOf(hundred)).toEqual({ count: 100, p50: 50, p95: 95, p99: 99, max: 100 });
    expect(latenciesOf([])).toEqual({ count: 0, p50: 0, p95: 0, p99: 0, max: 0 });
  });

  it('are asked for by arguments, each with a sentence where it is wrong', () => {
    expect(parseFloodArguments(['--seconds', '5', '--kinds', 'acks,large'])).toMatchObject({
      seconds: 5,
      screens: 20,
      kinds: ['acks', 'large'],
    });
    expect(() => parseFloodArguments(['--kinds', 'water'])).toThrow('--kinds');
  });
});

const suite = mosquittoAvailable() ? describe : describe.skip;

suite('one screen that floods a real Mosquitto, the short form of `npm run flood`', () => {
  it('costs the others nothing that they said, has its surplus counted, and stays known', async () => {
    const report = await runFlood({
      seconds: 2,
      screens: 5,
      kinds: ['acks', 'heartbeats', 'large', 'invalid'],
      heartbeatSeconds: 0.5,
      commandsPerSecond: 5,
      // Less than the broker keeps for a reader that is slow for a while, as on a busy machine.
      maxMegabytes: 60,
      onProgress: () => {},
    });
    expect(report.problems).toEqual([]);
    const [quiet, ...floods] = report.phases;
    expect(quiet).toMatchObject({ name: 'quiet', refused: 0, lost: 0 });
    for (const { name, flood, refused, lost, commandsAsked, listenerPeakMegabytes } of floods) {
      expect({ name, lost }).toEqual({ name, lost: 0 });
      expect(commandsAsked).toBeGreaterThan(0);
      expect(flood.taken).toBeGreaterThan(BURST);
      const admitted = flood.taken - refused;
      // The broker takes the last ones of a screen that it cuts without a word.
      if (flood.cutAfterMs === null) expect(admitted).toBeGreaterThanOrEqual(0);
      // At QoS 0 the broker may drop what a reader has no room for.
      if (name !== 'heartbeats') expect(admitted).toBeLessThanOrEqual(BURST + PER_SECOND * LONGEST_SECONDS);
      expect(listenerPeakMegabytes).toBeLessThan(500);
    }
  }, 300_000);
});
