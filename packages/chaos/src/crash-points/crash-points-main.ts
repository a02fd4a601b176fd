import { parseArgs } from 'node:util';
import { endTestRun, startTestRun } from '@infoscreen/test-kit';
import { CRASH_POINTS } from './crash-points.ts';
import { resultLine, runCrashPoints } from './run-crash-points.ts';

const { values } = parseArgs({ options: { hits: { type: 'string', default: '20' } } });
const hits = Number(values.hits);
if (!Number.isInteger(hits) || hits < 1) throw new Error('--hits must be a whole number from 1 on');
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
