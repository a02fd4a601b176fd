import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figuresTable } from '../report/figures.ts';
import { parseChaosArguments } from './chaos-options.ts';
import { runChaos } from './run-chaos.ts';

const say = (line: string) => console.log(line);

/** @returns the exit code: 0 when the books are in order, 1 when they found something, 2 when there was no run */
async function main(): Promise<number> {
  const options = parseChaosArguments(process.argv.slice(2), randomInt(2 ** 31));
  const { figures, findings, faults, stories } = await runChaos(options, { say });
  if (options.jsonFile !== undefined)
    writeFileSync(options.jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
  if (options.logFolder !== undefined)
    writeFileSync(join(options.logFolder, 'findings.json'), JSON.stringify({ findings, faults }, null, 1));
  say(figuresTable(figures));
  if (findings.length === 0) {
    say(`seed ${options.seed}: the books are in order`);
    return 0;
  }
  for (const story of stories) say(`\n${story}`);
  say(`\nseed ${options.seed}: ${findings.length} findings; the first of each rule stands above`);
  return 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(2));

const exitCode = await main().catch((error: unknown) => {
  console.error(error);
  return 2;
});
// Node 20 may go round for ever in its own clean-up where sockets were reset.
process.exit(exitCode);
