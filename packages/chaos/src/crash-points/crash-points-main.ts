import { endTestRun, startTestRun } from '@infoscreen/test-kit';
import { z } from 'zod';
import { parseArguments, wholeNumber } from '../run/parse-arguments.ts';
import { CRASH_POINTS } from './crash-points.ts';
import { resultLine, runCrashPoints } from './run-crash-points.ts';

const argumentsSchema = z.strictObject({ hits: wholeNumber({ min: 1 }).default(20) });
const { hits } = parseArguments(argumentsSchema, process.argv.slice(2));
const say = (line: string) => console.log(line);

await startTestRun();
try {
  const results = (
    await Promise.all([
      runCrashPoints({ victims: 'server', hits, say }),
      runCrashPoints({ victims: 'scheduler', hits, say }),
    ])
  ).flat();
  say('');
  for (const point of CRASH_POINTS) {
    const result = results.find((candidate) => candidate.point === point);
    if (result !== undefined) say(resultLine(result));
  }
  const isComplete = results.every((result) => result.hits >= hits && result.broken.length === 0);
  say(isComplete ? 'every point held' : 'NOT every point was hit often enough and held');
  process.exitCode = isComplete ? 0 : 1;
} finally {
  await endTestRun();
}
