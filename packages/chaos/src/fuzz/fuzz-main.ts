import { randomInt } from 'node:crypto';
import { endTestRun, startTestRun } from '@infoscreen/test-kit';
import { parseFuzzArguments } from './fuzz-options.ts';
import { hostileLines } from './hostile/hostile-lines.ts';
import { runHostile } from './hostile/run-hostile.ts';
import { httpFuzzLines } from './http/http-fuzz-report.ts';
import { runHttpFuzz } from './http/run-http-fuzz.ts';
import { messageFuzzLines } from './messages/message-fuzz-report.ts';
import { runMessageFuzz } from './messages/run-message-fuzz.ts';

/**
 * A Node process keeps memory that it once needed, so its size says little of a run of minutes. A leak shows in what
 * collections leave: 1 kB per message would be 100 MB.
 */
const MEMORY_BOUNDS = { residentMegabytes: 150, heapMegabytes: 50 };

const { seed, messages, requests, brokers } = parseFuzzArguments(process.argv.slice(2), randomInt(2 ** 31));
console.log(`fuzzing with --seed ${seed} --messages ${messages} --requests ${requests}`);
const problems: string[] = [];
await startTestRun();
try {
  for (const broker of messages === 0 ? [] : brokers) {
    const report = await runMessageFuzz({
      seed,
      messages,
      broker,
      memoryBounds: MEMORY_BOUNDS,
      settlePauseMs: 1000,
    });
    for (const line of messageFuzzLines(report)) console.log(line);
    problems.push(...report.problems);
  }
  if (requests > 0) {
    const report = await runHttpFuzz({
      seed,
      requests,
      rawRequests: Math.ceil(requests / 40),
      memoryBounds: MEMORY_BOUNDS,
      settlePauseMs: 1000,
    });
    for (const line of httpFuzzLines(report)) console.log(line);
    const hostile = await runHostile();
    for (const line of hostileLines(hostile)) console.log(line);
    problems.push(...report.problems, ...hostile.problems);
  }
} finally {
  await endTestRun();
}
console.log(problems.length === 0 ? 'all holds' : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
