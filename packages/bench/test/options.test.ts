import { benchmarks, parseBenchArguments } from '@infoscreen/bench';
import { describe, expect, it } from '@jest/globals';

describe('the arguments of a benchmark run', () => {
  const parse = (...args: string[]) => parseBenchArguments(args, benchmarks);
  const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);

  it('name all benchmarks, three times in full, where there are none', () => {
    expect(parse()).toMatchObject({ runs: 3, size: 'full', leftOut: [], jsonFile: undefined });
    expect(names(parse().benchmarks)).toEqual(names(benchmarks));
  });

  it('leave out of the short form what downloads something, and tell it', () => {
    const { benchmarks: wanted, leftOut, runs } = parse('--short');
    expect(runs).toBe(1);
    expect(names(leftOut)).toEqual(['node-red']);
    expect(names(wanted)).toEqual(names(benchmarks).filter((name) => name !== 'node-red'));
  });

  it('are refused where they ask for a short form that there is none of', () => {
    expect(() => parse('--short', '--only', 'ingest,node-red')).toThrow(
      '--short: node-red has no short form: it installs Node-RED with npm',
    );
    expect(names(parse('--only', 'node-red').benchmarks)).toEqual(['node-red']);
    expect(names(parse('--short', '--only', 'ingest').benchmarks)).toEqual(['ingest']);
  });

  it('are refused where they name no benchmark, or no number of runs', () => {
    expect(() => parse('--only', 'nodered')).toThrow('there is no benchmark "nodered"; there are ingest');
    expect(() => parse('--runs', '0')).toThrow('--runs: a whole number from 1 to 20.');
  });
});
