import { writeFileSync } from 'node:fs';
import { endTestRun, startTestRun } from '@infoscreen/test-kit';
import { floodLines } from './flood-lines.ts';
import { parseFloodArguments } from './flood-options.ts';
import { runFlood } from './run-flood.ts';

const { jsonFile, ...plan } = parseFloodArguments(process.argv.slice(2));
await startTestRun();
try {
  const report = await runFlood({
    ...plan,
    heartbeatSeconds: 1,
    commandsPerSecond: 5,
    onProgress: (line) => console.log(line),
  });
  for (const line of floodLines(report)) console.log(line);
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(report.problems.length === 0 ? 'nothing lost' : `${report.problems.length} problems`);
  process.exitCode = report.problems.length === 0 ? 0 : 1;
} finally {
  await endTestRun();
}
