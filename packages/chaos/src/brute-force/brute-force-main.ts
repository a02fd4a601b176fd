import { writeFileSync } from 'node:fs';
import { endTestRun, startTestRun } from '@infoscreen/test-kit';
import { bruteForceLines } from './brute-force-lines.ts';
import { parseBruteForceArguments } from './brute-force-options.ts';
import { runBruteForce } from './run-brute-force.ts';

/** The default of PASSWORD_HASH_COST. */
const HASH_COST = 12;

const { seconds, attackers, jsonFile } = parseBruteForceArguments(process.argv.slice(2));
await startTestRun();
try {
  const report = await runBruteForce({ seconds, attackers, hashCost: HASH_COST });
  for (const line of bruteForceLines(report)) console.log(line);
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(report.problems.length === 0 ? 'every limit holds' : `${report.problems.length} problems`);
  process.exitCode = report.problems.length === 0 ? 0 : 1;
} finally {
  await endTestRun();
}
