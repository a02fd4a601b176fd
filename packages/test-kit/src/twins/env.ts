import {
  databaseSettings,
  integerSetting,
  lifecycleSettings,
  logSettings,
  mqttSettings,
  opsSettings,
  parseSettings,
} from '@infoscreen/service-kit';
import { z } from 'zod';

/** The listener's settings, and which mistake this one makes. */
const naiveListenerSettingsSchema = z.object({
  ...databaseSettings,
  ...mqttSettings,
  ...logSettings,
  ...lifecycleSettings,
  ...opsSettings(9101),
  /** Taken and not used, so that one environment serves the twin and the listener. */
  LISTENER_LANES: integerSetting(4, { min: 1, max: 64 }),
  NAIVE_LISTENER: z.enum(['acknowledge_before_commit', 'share_group']),
});

export type NaiveListenerSettings = z.output<typeof naiveListenerSettingsSchema>;

/** @throws SettingsError with all that is wrong */
export function readNaiveListenerSettings(source: NodeJS.ProcessEnv = process.env): NaiveListenerSettings {
  return parseSettings(naiveListenerSettingsSchema, source);
}
