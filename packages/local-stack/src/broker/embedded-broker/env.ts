import { z } from 'zod';

const settingsSchema = z.object({
  EMBEDDED_BROKER_PORT: z.coerce.number().int().min(1).max(65_535),
  EMBEDDED_BROKER_ACCOUNTS: z.string().min(1),
});

export interface EmbeddedBrokerSettings {
  readonly port: number;
  /** File with the accounts, in the format of Mosquitto's dynamic-security plugin. */
  readonly accountsPath: string;
}

/** @throws with all that is missing or wrong */
export function embeddedBrokerSettings(): EmbeddedBrokerSettings {
  const { EMBEDDED_BROKER_PORT, EMBEDDED_BROKER_ACCOUNTS } = settingsSchema.parse(process.env);
  return { port: EMBEDDED_BROKER_PORT, accountsPath: EMBEDDED_BROKER_ACCOUNTS };
}

/** What a parent process sets to start one. */
export function embeddedBrokerEnvironment(settings: EmbeddedBrokerSettings): Record<string, string> {
  return { EMBEDDED_BROKER_PORT: String(settings.port), EMBEDDED_BROKER_ACCOUNTS: settings.accountsPath };
}
