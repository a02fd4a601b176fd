import { describe, expect, it } from '@jest/globals';
import { parseBruteForceArguments } from '../src/brute-force/brute-force-options.ts';
import { runBruteForce } from '../src/brute-force/run-brute-force.ts';

describe('attacks on the log-in, the short form of `npm run brute-force`', () => {
  it('get no further than each limit, and cost others no answer', async () => {
    const report = await runBruteForce({ seconds: 2, attackers: 16, hashCost: 4 });
    expect(report.problems).toEqual([]);
    expect(report.attacks.map(({ attack, tried }) => [attack, tried.count])).toEqual([
      ['one account, one address', 10],
      ['many accounts, one address', 50],
      ['one account, many addresses', 100],
      ['many accounts, many addresses', expect.any(Number)],
    ]);
    for (const { user } of report.attacks) expect(user.count).toBeGreaterThan(5);
  }, 120_000);

  it('last no longer than the window', () => {
    expect(() => parseBruteForceArguments(['--seconds', '601'])).toThrow(/--seconds/);
  });
});
