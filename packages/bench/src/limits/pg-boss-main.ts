import { readFileSync } from 'node:fs';
import PgBoss from 'pg-boss';
import { DoneJobs, jobsPerSecond, type QueueOrder } from './queue-order.ts';

// Another one. It asks for jobs every half second at most, and is as fast as its batches are large.
const QUEUE = 'restart_app';
const BATCH = 100;
const SHORTEST_POLL_SECONDS = 0.5;

const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as QueueOrder;
const boss = new PgBoss({ connectionString: order.databaseUrl });
await boss.start();
await boss.createQueue(QUEUE);
const done = new DoneJobs();
await boss.work(
  QUEUE,
  { batchSize: BATCH, pollingIntervalSeconds: SHORTEST_POLL_SECONDS },
  async (batch: readonly unknown[]) => done.count(batch.length),
);
const add = (n: number) => boss.send(QUEUE, { screen: n });
await jobsPerSecond(order.warmUpJobs, add, done.untilDone);
const perSecond = await jobsPerSecond(order.jobs, add, done.untilDone);
console.log(JSON.stringify({ jobs: { perSecond } }));
await boss.stop({ graceful: false });
