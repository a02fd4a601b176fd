import { SERVICE_NAMES } from '@infoscreen/shared-types';
import type { TestBroker } from '../broker/test-broker.ts';

/** The first superadmin of a server with `serviceSettings`. */
export const FIRST_ADMIN = { username: 'admin', password: 'a-password-for-tests' } as const;
const SECRET = 'a-secret-for-tests-0123456789-0123456789';

/** A broker account of its own for each service, over `serviceSettings`. */
export const SEPARATE_ACCOUNTS: Readonly<Record<string, string>> = Object.fromEntries(
  SERVICE_NAMES.flatMap((service) => [
    [`${service.toUpperCase()}_MQTT_USER`, `${service}-of-the-test`],
    [`${service.toUpperCase()}_MQTT_PASSWORD`, `a-password-of-${service}-for-tests`],
  ]),
);

/** What every service needs to start; a link may stand in the way of database and broker. */
export function serviceSettings(
  databaseUrl: string,
  broker: Pick<TestBroker, 'host' | 'port' | 'service' | 'admin'>,
): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    MQTT_HOST: broker.host,
    MQTT_PORT: String(broker.port),
    MQTT_USER: broker.service.username,
    MQTT_PASSWORD: broker.service.password,
    MQTT_ADMIN_USER: broker.admin.username,
    MQTT_ADMIN_PASSWORD: broker.admin.password,
    SESSION_SECRET: SECRET,
    CREDENTIALS_KEY: SECRET,
    ADMIN_USERNAME: FIRST_ADMIN.username,
    ADMIN_PASSWORD: FIRST_ADMIN.password,
    PASSWORD_HASH_COST: '4',
    LOG_FORMAT: 'json',
  };
}
