import {
  booleanSetting,
  databaseSettings,
  integerSetting,
  lifecycleSettings,
  logSettings,
  mqttSettings,
  opsSettings,
  parseSettings,
  schedulerAccountSettings,
  secondsSetting,
  withBrokerRules,
} from '@infoscreen/service-kit';
import { z } from 'zod';

const settings = z.object({
  ...databaseSettings,
  ...mqttSettings,
  ...schedulerAccountSettings,
  ...logSettings,
  ...lifecycleSettings,
  ...opsSettings(9102),
  HEARTBEAT_GRACE_SECONDS: secondsSetting(180),
  CRASH_RECOVERY_ENABLED: booleanSetting(false),
  CRASH_RECOVERY_BACKOFF_SECONDS: secondsSetting(300),
  CRASH_RECOVERY_RESTARTS: integerSetting(3, { min: 0, max: 20 }),
  STORM_FRACTION: z
    .string()
    .regex(/^(0?\.\d+|0|1|1\.0+)$/, 'must be a number from 0 to 1, such as 0.2')
    .transform(Number)
    .default(0.2),
  SCHEDULER_INTERVAL_SECONDS: secondsSetting(5, { min: 1, max: 60 }),
});
export const schedulerSettingsSchema = withBrokerRules(settings, ['scheduler']);
export type SchedulerSettings = z.output<typeof schedulerSettingsSchema>;

/** @throws StartRefusedError with all that is wrong, one line each */
export function readEnv(): SchedulerSettings {
  return parseSettings(schedulerSettingsSchema, process.env);
}
