import { createLogger, runService } from '@infoscreen/service-kit';
import { readListenerSettings } from './env.ts';
import { startListener } from './start-listener.ts';

runService({
  name: 'listener',
  start: async (stopping) => {
    const settings = readListenerSettings();
    const logger = createLogger({
      service: 'listener',
      instance: settings.INSTANCE_ID,
      level: settings.LOG_LEVEL,
      format: settings.LOG_FORMAT,
    });
    return { ...(await startListener({ settings, logger, stopping })), logger };
  },
});
