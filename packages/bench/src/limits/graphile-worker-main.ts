import { readFileSync } from 'node:fs';
import { makeWorkerUtils, run } from 'graphile-worker';
import { DoneJobs, JOBS_AT_ONCE, jobsPerSecond, type QueueOrder } from './queue-order.ts';

// A good job queue on PostgreSQL, as its manual has it: what it reaches with jobs that do nothing.
const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as QueueOrder;
const connectionString = order.databaseUrl;
const utils = await makeWorkerUtils({ connectionString, maxPoolSize: JOBS_AT_ONCE });
await utils.migrate();
const done = new DoneJobs();
const runner = await run({
  connectionString,
  concurrency: JOBS_AT_ONCE,
  maxPoolSize: JOBS_AT_ONCE,
  noHandleSignals: true,
  taskList: { restart_app: () => {} },
});
// Written back, not only worked on.
runner.events.on('job:complete', () => done.count());
const add = (n: number) => utils.addJob('restart_app', { screen: n });
await jobsPerSecond(order.warmUpJobs, add, done.untilDone);
const perSecond = await jobsPerSecond(order.jobs, add, done.untilDone);
console.log(JSON.stringify({ jobs: { perSecond } }));
await runner.stop();
await utils.release();
