import {
  databaseSettings,
  integerSetting,
  isPlaceholder,
  lifecycleSettings,
  listenerAccountSettings,
  logSettings,
  mqttSettings,
  parseSettings,
  portSetting,
  requiredSetting,
  schedulerAccountSettings,
  secondsSetting,
  secretSchema,
  serverAccountSettings,
  withBrokerRules,
  withRule,
} from '@infoscreen/service-kit';
import { newPasswordSchema, SERVICE_NAMES, usernameSchema } from '@infoscreen/shared-types';
import { z } from 'zod';

const WEEK_SECONDS = 7 * 24 * 3600;

/** `false`, a number of hops, or addresses as Express takes them; never `true`, which believes everybody. */
const trustProxySchema = z
  .string()
  .default('false')
  .transform((value, context): boolean | number | string => {
    if (value === 'false' || value === '0') return false;
    if (/^\d{1,2}$/.test(value)) return Number(value);
    if (
      /^(loopback|linklocal|uniquelocal|[0-9a-fA-F.:/]+)(\s*,\s*(loopback|linklocal|uniquelocal|[0-9a-fA-F.:/]+))*$/.test(
        value,
      )
    )
      return value;
    context.addIssue({
      code: 'custom',
      message: 'must be false, a number of proxies, or addresses such as loopback,10.0.0.0/8',
    });
    return z.NEVER;
  });

/** Exact origins with commas between; never `*`. */
const originsSchema = z
  .string()
  .transform((value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .refine((origins) => origins.every(isOrigin), {
    error: 'must be origins such as https://dashboard.example.org, with commas between and without a path',
  });

function isOrigin(value: string): boolean {
  return /^https?:/.test(value) && URL.canParse(value) && new URL(value).origin === value;
}

export const firstSuperadminSettings = {
  ADMIN_USERNAME: usernameSchema.default('admin'),
  ADMIN_PASSWORD: newPasswordSchema
    .refine((value) => !isPlaceholder(value), {
      error: 'still a placeholder: set a password of your own, or leave it out',
    })
    .optional(),
};

const settings = z.object({
  ...databaseSettings,
  ...mqttSettings,
  // All three: the server makes the accounts of the others.
  ...serverAccountSettings,
  ...listenerAccountSettings,
  ...schedulerAccountSettings,
  ...logSettings,
  ...lifecycleSettings,
  ...firstSuperadminSettings,
  MQTT_ADMIN_USER: requiredSetting('set it to the user name of the broker account that may write accounts'),
  MQTT_ADMIN_PASSWORD: secretSchema(),
  SESSION_SECRET: secretSchema(32),
  CREDENTIALS_KEY: secretSchema(32),
  HOST: z.string().default('127.0.0.1'),
  PORT: portSetting(8000),
  TRUST_PROXY: trustProxySchema,
  CORS_ALLOWED_ORIGINS: originsSchema.optional(),
  COOKIE_SECURE: z.enum(['auto', 'true', 'false'], { error: 'must be auto, true or false' }).default('auto'),
  SESSION_IDLE_SECONDS: secondsSetting(12 * 3600, { min: 60, max: WEEK_SECONDS }),
  SESSION_ABSOLUTE_SECONDS: secondsSetting(WEEK_SECONDS, { min: 60, max: 4 * WEEK_SECONDS }),
  PASSWORD_HASH_COST: integerSetting(12, { min: 4, max: 15 }),
  LOGIN_ATTEMPTS_PER_ACCOUNT: integerSetting(10, { min: 1, max: 1000 }),
  LOGIN_ATTEMPTS_PER_ACCOUNT_EVERYWHERE: integerSetting(100, { min: 1, max: 100_000 }),
  LOGIN_ATTEMPTS_PER_ADDRESS: integerSetting(50, { min: 1, max: 100_000 }),
  LOGIN_WINDOW_SECONDS: secondsSetting(900),
  HEARTBEAT_GRACE_SECONDS: secondsSetting(180),
});

const USER_SETTINGS = ['MQTT_USER', ...SERVICE_NAMES.map((name) => `${name.toUpperCase()}_MQTT_USER`)];
const passwordOf = (user: string) => user.replace(/USER$/, 'PASSWORD');

/** One name is one account at the broker: it can't have two passwords, nor be the administrator's. */
export const serverSettingsSchema = USER_SETTINGS.reduce(
  (schema, user) =>
    [
      {
        path: user,
        error: 'must not be MQTT_ADMIN_USER: who writes the accounts takes no part in the traffic',
        holds: (values: Readonly<Record<string, unknown>>) =>
          values[user] === undefined || values[user] !== values['MQTT_ADMIN_USER'],
      },
      {
        path: passwordOf(user),
        error: 'must be the password that another setting gives the same user, or use another name',
        holds: (values: Readonly<Record<string, unknown>>) =>
          values[user] === undefined ||
          USER_SETTINGS.every(
            (other) =>
              values[other] !== values[user] || values[passwordOf(other)] === values[passwordOf(user)],
          ),
      },
    ].reduce(withRule, schema),
  withBrokerRules(settings, SERVICE_NAMES),
);
export type ServerSettings = z.output<typeof serverSettingsSchema>;

/** @throws StartRefusedError with all that is wrong, one line each */
export function readEnv(): ServerSettings {
  return parseSettings(serverSettingsSchema, process.env);
}

export const bootstrapSettingsSchema = z.object({
  ...databaseSettings,
  ...firstSuperadminSettings,
  PASSWORD_HASH_COST: integerSetting(12, { min: 4, max: 15 }),
});

/** What making the first superadmin by hand needs. @throws StartRefusedError */
export function readBootstrapEnv(): z.output<typeof bootstrapSettingsSchema> {
  return parseSettings(bootstrapSettingsSchema, process.env);
}
