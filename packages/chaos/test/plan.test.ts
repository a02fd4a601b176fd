import { describe, expect, it } from '@jest/globals';
import { FAULT_KINDS } from '../src/faults/fault-kinds.ts';
import { planFaults } from '../src/faults/plan-faults.ts';
import { TargetLocks } from '../src/faults/target-locks.ts';
import { parseFuzzArguments } from '../src/fuzz/fuzz-options.ts';
import { parseChaosArguments } from '../src/run/chaos-options.ts';
import { seededRandom } from '../src/run/random.ts';
import { parseSoakArguments } from '../src/soak/soak-options.ts';

const plan = (seed: number, count: number) =>
  planFaults(seededRandom(seed), { kinds: FAULT_KINDS, count, durationMs: 120_000 });

describe('the plan of the faults', () => {
  it('is the same for the same seed, and another for another one', () => {
    expect(plan(1, 20)).toEqual(plan(1, 20));
    expect(plan(1, 20)).not.toEqual(plan(2, 20));
  });

  it('has each kind once before any comes twice', () => {
    const kinds = plan(3, 2 * FAULT_KINDS.length).map(({ kind }) => kind);
    for (const round of [kinds.slice(0, FAULT_KINDS.length), kinds.slice(FAULT_KINDS.length)])
      expect([...round].sort()).toEqual([...FAULT_KINDS].sort());
  });

  it('keeps to its duration, in the order of time', () => {
    const times = plan(4, 50).map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times[0]).toBeGreaterThanOrEqual(3000);
    expect(times.at(-1)).toBeLessThan(120_000);
  });
});

describe('the locks of the targets', () => {
  it('let one fault after the other at a target, also after one that failed', async () => {
    const locks = new TargetLocks();
    const order: string[] = [];
    let endFirst = () => {};
    const first = locks.hold('broker', async () => {
      order.push('first begins');
      await new Promise<void>((resolve) => {
        endFirst = resolve;
      });
      order.push('first ends');
      throw new Error('failed');
    });
    const second = locks.hold('broker', async () => {
      order.push('second');
    });
    const other = locks.hold('database', async () => {
      order.push('other target');
    });
    await other;
    expect(locks.isFree('broker')).toBe(false);
    endFirst();
    await expect(first).rejects.toThrow('failed');
    await second;
    expect(order).toEqual(['first begins', 'other target', 'first ends', 'second']);
  });
});

describe('the arguments', () => {
  it('make a run of two minutes with 20 faults when there are none', () => {
    expect(parseChaosArguments([], 7)).toMatchObject({ seed: 7, seconds: 120, faults: 20, pauseSeconds: 10 });
  });

  it('are taken by their names', () => {
    expect(
      parseChaosArguments(['--seed', '5', '--twin', 'share-group', '--kinds', 'pause,link_cut'], 7),
    ).toMatchObject({ seed: 5, twin: 'share-group', kinds: ['pause', 'link_cut'] });
  });

  it.each([
    [['--twin', 'other'], '--twin'],
    [['--seconds', 'many'], '--seconds'],
    [['--kinds', 'flood'], '--kinds'],
    [['--wrong', '1'], '--wrong'],
  ])('are refused by name: %j', (args, name) => {
    expect(() => parseChaosArguments(args, 7)).toThrow(name);
  });

  it('of the other commands are taken and refused alike', () => {
    expect(parseFuzzArguments(['--broker', 'both', '--messages', '0'], 7)).toEqual({
      seed: 7,
      messages: 0,
      requests: 20_000,
      brokers: ['mosquitto', 'embedded'],
    });
    expect(() => parseFuzzArguments(['--messages', ''], 7)).toThrow('--messages: is a whole number');
    expect(parseSoakArguments(['--screens', '5', '--json', 'file'])).toEqual({
      seconds: 600,
      screens: 5,
      replicas: 1,
      jsonFile: 'file',
    });
    expect(() => parseSoakArguments(['--screens', '0'])).toThrow('--screens');
  });
});
