import { readFileSync } from 'node:fs';
import { isUuid, SERVICE_NAMES, type ServiceName } from '@infoscreen/shared-types';
import { z } from 'zod';
import {
  booleanSetting,
  isPlaceholder,
  portSetting,
  requiredSetting,
  secretSchema,
} from './setting-types.ts';

/** The broker, and the account that the services share, as far as they have none of their own. */
export const mqttSettings = {
  MQTT_HOST: requiredSetting('set it to the host name or address of the broker'),
  /** 1883, or 8883 with TLS, where it isn't set. */
  MQTT_PORT: portSetting(1883).unwrap().optional(),
  MQTT_USER: requiredSetting("set it to the user name of the services' broker account").check(
    z.refine(isAccountName, { error: notAnAccountName }),
  ),
  MQTT_PASSWORD: requiredSetting("set it to the password of the services' broker account").refine(
    (value) => !isPlaceholder(value),
    { error: "still a placeholder: set it to the password of the services' broker account" },
  ),
  MQTT_LEGACY_TOPICS: booleanSetting(true),
  MQTT_TLS: booleanSetting(false),
  /** Certificate of the CA that the broker's comes from; the system's CAs where it isn't set. */
  MQTT_CA_FILE: z.string().optional(),
};

const accountUser = () => z.string().refine(isAccountName, { error: notAnAccountName }).optional();
const accountPassword = () => secretSchema().optional();

/** An account of one service alone; without it the service uses `MQTT_USER`. */
const OWN_ACCOUNT = {
  server: { SERVER_MQTT_USER: accountUser(), SERVER_MQTT_PASSWORD: accountPassword() },
  listener: { LISTENER_MQTT_USER: accountUser(), LISTENER_MQTT_PASSWORD: accountPassword() },
  scheduler: { SCHEDULER_MQTT_USER: accountUser(), SCHEDULER_MQTT_PASSWORD: accountPassword() },
} as const;

export const serverAccountSettings = OWN_ACCOUNT.server;
export const listenerAccountSettings = OWN_ACCOUNT.listener;
export const schedulerAccountSettings = OWN_ACCOUNT.scheduler;

type OwnAccounts = Partial<
  Record<`${Uppercase<ServiceName>}_MQTT_${'USER' | 'PASSWORD'}`, string | undefined>
>;

/** Where the broker is, and how it proves that it is the one. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly tls?: BrokerTls;
}

/** TLS 1.2 or newer; the broker's certificate has to be valid, for its host name, and from a CA that is trusted. */
export interface BrokerTls {
  /** Certificates of the only CAs that are trusted, PEM; the system's where left out. */
  readonly ca?: string;
}

export interface AddressSettings {
  readonly MQTT_HOST: string;
  readonly MQTT_PORT?: number | undefined;
  readonly MQTT_TLS: boolean;
  readonly MQTT_CA_FILE?: string | undefined;
}

/** The broker's address as the settings give it, which have been checked. */
export function brokerAddressOf(settings: AddressSettings): BrokerAddress {
  const { MQTT_HOST: host, MQTT_PORT: port, MQTT_TLS, MQTT_CA_FILE: file } = settings;
  if (!MQTT_TLS) return { host, port: port ?? 1883 };
  return { host, port: port ?? 8883, tls: file === undefined ? {} : { ca: readFileSync(file, 'utf8') } };
}

/** Settings with the accounts of services in them. */
export interface AccountSettings extends OwnAccounts {
  readonly MQTT_USER: string;
  readonly MQTT_PASSWORD: string;
}

export interface BrokerLogin {
  readonly username: string;
  readonly password: string;
}

/** The account that `service` logs in to the broker with: its own where it has one. */
export function brokerLoginOf(settings: AccountSettings, service: ServiceName): BrokerLogin {
  const { user, password } = namesOf(service);
  return {
    username: settings[user] ?? settings.MQTT_USER,
    password: settings[password] ?? settings.MQTT_PASSWORD,
  };
}

/** Every account that a service logs in with, and which those are; `MQTT_USER` also where none of them does. */
export function serviceLogins(
  settings: AccountSettings,
): readonly (BrokerLogin & { readonly services: readonly ServiceName[] })[] {
  const logins = SERVICE_NAMES.map((service) => ({ service, ...brokerLoginOf(settings, service) }));
  const shared = { username: settings.MQTT_USER, password: settings.MQTT_PASSWORD };
  const usernames = [...new Set([shared, ...logins].map(({ username }) => username))];
  return usernames.map((username) => {
    const own = logins.filter((login) => login.username === username);
    const { password } = own[0] ?? shared;
    return { username, password, services: own.map(({ service }) => service) };
  });
}

/**
 * A schema that also refuses half an account, and a CA file that isn't one, whatever else is wrong.
 * @param services whose accounts are among the settings
 */
export function withBrokerRules<Schema extends z.ZodType>(
  schema: Schema,
  services: readonly ServiceName[],
): Schema {
  const readable = withRule(schema, {
    path: 'MQTT_CA_FILE',
    error: "must name a file with the CA's certificate (PEM) that this process may read",
    holds: ({ MQTT_TLS: isOn, MQTT_CA_FILE: file }) => isOn !== true || isCertificateFile(file),
  });
  return services
    .flatMap((service) => {
      const { user, password } = namesOf(service);
      return [
        [user, password],
        [password, user],
      ] as const;
    })
    .reduce(
      (checked, [given, missing]) =>
        withRule(checked, {
          path: missing,
          error: `missing: ${given} is set, so set this too, or leave both out to use MQTT_USER`,
          holds: (values) => values[given] === undefined || values[missing] !== undefined,
        }),
      readable,
    );
}

export interface SettingsRule {
  /** The setting that the problem is named after. */
  readonly path: string;
  readonly error: string;
  readonly holds: (values: Readonly<Record<string, unknown>>) => boolean;
}

/** A schema with a rule about several settings, which is looked at also where one of them is wrong by itself. */
export function withRule<Schema extends z.ZodType>(
  schema: Schema,
  { path, error, holds }: SettingsRule,
): Schema {
  return schema.refine((values) => holds(values as Readonly<Record<string, unknown>>), {
    path: [path],
    error,
    when: () => true,
  });
}

function namesOf(service: ServiceName) {
  const prefix = service.toUpperCase() as Uppercase<ServiceName>;
  return { user: `${prefix}_MQTT_USER`, password: `${prefix}_MQTT_PASSWORD` } as const;
}

function isCertificateFile(file: unknown): boolean {
  if (typeof file !== 'string') return true;
  try {
    return readFileSync(file, 'utf8').includes('-----BEGIN CERTIFICATE-----');
  } catch {
    return false;
  }
}

/** A UUID would be taken for a screen's account, and removed as one that nobody knows. */
function isAccountName(name: string): boolean {
  return !isUuid(name.toLowerCase()) && !/[+#/\s]/.test(name);
}

function notAnAccountName(): string {
  return 'must be a name without + # / and blanks, and no UUID: those are accounts of screens';
}
