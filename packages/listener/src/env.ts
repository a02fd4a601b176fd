import {
  databaseSettings,
  integerSetting,
  lifecycleSettings,
  listenerAccountSettings,
  logSettings,
  mqttSettings,
  opsSettings,
  parseSettings,
  withBrokerRules,
} from '@infoscreen/service-kit';
import { z } from 'zod';

const settings = z.object({
  ...databaseSettings,
  ...mqttSettings,
  ...listenerAccountSettings,
  ...logSettings,
  ...lifecycleSettings,
  ...opsSettings(9101),
  /** Parts that the replicas share out among themselves; the same for all of them. */
  LISTENER_LANES: integerSetting(4, { min: 1, max: 64 }),
  /** Rows of refused messages per source and minute; the rest are counted only, so that a lying device can't fill the disk. */
  REJECTED_ROWS_PER_MINUTE: integerSetting(60, { min: 1, max: 1_000_000 }),
  /** What one client may send for ever, and at once after a silence: of reports, of session news and of telemetry each. */
  CLIENT_MESSAGES_PER_SECOND: integerSetting(10, { min: 1, max: 100_000 }),
  CLIENT_MESSAGE_BURST: integerSetting(250, { min: 10, max: 1_000_000 }),
});
export const listenerSettingsSchema = withBrokerRules(settings, ['listener']);

export type ListenerSettings = z.output<typeof listenerSettingsSchema>;

/** @throws SettingsError with all that is wrong */
export function readListenerSettings(source: NodeJS.ProcessEnv = process.env): ListenerSettings {
  return parseSettings(listenerSettingsSchema, source);
}
