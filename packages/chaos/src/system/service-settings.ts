import { randomBytes } from 'node:crypto';

export const ADMIN = { username: 'admin', password: secret() };
const SHARED_SECRETS = { MQTT_PASSWORD: secret(), SESSION_SECRET: secret(), CREDENTIALS_KEY: secret() };

function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** The settings of all services; database and broker are reached over links that can be broken. */
export function serviceSettings(system: {
  readonly databaseUrl: string;
  readonly databasePort: number;
  readonly brokerPort: number;
  readonly brokerAdmin: { readonly username: string; readonly password: string };
  readonly ttlSeconds: number;
}): Record<string, string> {
  const databaseUrl = new URL(system.databaseUrl);
  databaseUrl.port = String(system.databasePort);
  return {
    PATH: '/usr/bin:/bin',
    TZ: 'UTC',
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl.href,
    MQTT_HOST: '127.0.0.1',
    MQTT_PORT: String(system.brokerPort),
    MQTT_USER: 'services',
    MQTT_ADMIN_USER: system.brokerAdmin.username,
    MQTT_ADMIN_PASSWORD: system.brokerAdmin.password,
    ...SHARED_SECRETS,
    ADMIN_USERNAME: ADMIN.username,
    ADMIN_PASSWORD: ADMIN.password,
    PASSWORD_HASH_COST: '4',
    SCHEDULER_INTERVAL_SECONDS: '1',
    COMMAND_TTL_SECONDS: String(system.ttlSeconds),
    COMMAND_RESULT_TIMEOUT_SECONDS: String(system.ttlSeconds),
    // Lock and count run as ever, and block nothing that the stream asks for.
    LOCKOUT_MAX_COMMANDS: '1000',
    LOG_FORMAT: 'json',
  };
}
