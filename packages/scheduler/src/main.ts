import { runService } from '@infoscreen/service-kit';
import { readEnv } from './env.ts';
import { startScheduler } from './start-scheduler.ts';

runService({ name: 'scheduler', start: async (stopping) => startScheduler(readEnv(), stopping) });
