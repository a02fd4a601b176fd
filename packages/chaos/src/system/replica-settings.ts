import { randomBytes } from 'node:crypto';
import { serviceSettings } from '@infoscreen/test-kit';

export interface ReplicaSettingsOptions {
  readonly databaseUrl: string;
  readonly databasePort: number;
  readonly brokerPort: number;
  readonly brokerAdmin: { readonly username: string; readonly password: string };
  readonly ttlSeconds: number;
}

/** The broker's account of all replicas, which the first server makes. */
const SERVICE_ACCOUNT = { username: 'services', password: randomBytes(32).toString('base64url') };

/** The settings of every replica; database and broker are reached over links that can be broken. */
export function replicaSettings(options: ReplicaSettingsOptions): Record<string, string> {
  const databaseUrl = new URL(options.databaseUrl);
  databaseUrl.port = String(options.databasePort);
  return {
    ...serviceSettings(databaseUrl.href, {
      host: '127.0.0.1',
      port: options.brokerPort,
      service: SERVICE_ACCOUNT,
      admin: options.brokerAdmin,
    }),
    PATH: '/usr/bin:/bin',
    TZ: 'UTC',
    NODE_ENV: 'production',
    SCHEDULER_INTERVAL_SECONDS: '1',
    COMMAND_TTL_SECONDS: String(options.ttlSeconds),
    COMMAND_RESULT_TIMEOUT_SECONDS: String(options.ttlSeconds),
    // Lock and count run as ever, and block nothing that the stream asks for.
    LOCKOUT_MAX_COMMANDS: '1000',
  };
}
