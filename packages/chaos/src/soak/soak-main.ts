import { writeFileSync } from 'node:fs';
import { endTestRun, startTestRun } from '@infoscreen/test-kit';
import { runSoak } from './run-soak.ts';
import { soakLines } from './soak-lines.ts';
import { parseSoakArguments } from './soak-options.ts';

const { seconds, screens, replicas, jsonFile } = parseSoakArguments(process.argv.slice(2));
await startTestRun();
try {
  const report = await runSoak({
    seconds,
    screens,
    replicas,
    sampleSeconds: 10,
    commandSeconds: 6,
    intervals: { heartbeatSeconds: 30, healthSeconds: 60 },
    onProgress: (line) => console.log(line),
  });
  for (const line of soakLines(report)) console.log(line);
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(report.problems.length === 0 ? 'all flat' : `${report.problems.length} problems`);
  process.exitCode = report.problems.length === 0 ? 0 : 1;
} finally {
  await endTestRun();
}
