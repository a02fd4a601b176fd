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

export const listenerSettingsSchema = z.object({
  ...databaseSettings,
  ...mqttSettings,
  ...logSettings,
  ...lifecycleSettings,
  ...opsSettings(9101),
  /** Parts that the replicas share out among themselves; the same for all of them. */
  LISTENER_LANES: integerSetting(4, { min: 1, max: 64 }),
});

export type ListenerSettings = z.output<typeof listenerSettingsSchema>;

/** @throws SettingsError with all that is wrong */
export function readListenerSettings(source: NodeJS.ProcessEnv = process.env): ListenerSettings {
  return parseSettings(listenerSettingsSchema, source);
}
