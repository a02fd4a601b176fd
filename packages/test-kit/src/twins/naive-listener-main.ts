import { createLogger, runService } from '@infoscreen/service-kit';
import { readNaiveListenerSettings } from './env.ts';
import { startNaiveListener } from './naive-listener.ts';

runService({
  name: 'naive-listener',
  start: async () => {
    const settings = readNaiveListenerSettings();
    const logger = createLogger({
      service: 'listener',
      instance: settings.INSTANCE_ID,
      level: settings.LOG_LEVEL,
      format: settings.LOG_FORMAT,
    });
    return { ...(await startNaiveListener(settings, logger)), logger };
  },
});
