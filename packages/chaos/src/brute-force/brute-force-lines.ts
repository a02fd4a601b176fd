import { tableRow } from '../report/table-row.ts';
import type { Latencies } from './latencies.ts';
import type { BruteForceReport } from './run-brute-force.ts';

export function bruteForceLines(report: BruteForceReport): string[] {
  const { seconds, attackers, hashCost, quietUser, attacks, problems } = report;
  return [
    `${attackers} log-ins at a time at two servers, ${seconds} s for each attack, hash cost ${hashCost}; times in ms, p50/p95`,
    `  a user who is logged in, before: ${times(quietUser)}`,
    tableRow('attack', ['per second', 'tried', 'limit', 'tried in', 'refused in', 'user', 'user p95 ×']),
    ...attacks.map(({ attack, attemptsPerSecond, tried, limit, refused, user, userRatio }) =>
      tableRow(attack, [
        attemptsPerSecond,
        tried.count,
        limit ?? 'none',
        times(tried),
        times(refused),
        times(user),
        userRatio,
      ]),
    ),
    ...attacks.map(({ attack, statuses }) => `  ${attack}: ${JSON.stringify(statuses)}`),
    ...problems.map((problem) => `  PROBLEM ${problem}`),
  ];
}

const times = ({ p50, p95 }: Latencies) => ` ${Math.round(p50)}/${Math.round(p95)}`;
