import { runService } from '@infoscreen/service-kit';
import { readEnv } from './env.ts';
import { startServer } from './start-server.ts';

runService({ name: 'server', start: async (stopping) => startServer(readEnv(), stopping) });
