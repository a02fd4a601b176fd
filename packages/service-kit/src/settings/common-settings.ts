import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';
import {
  integerSetting,
  isPlaceholder,
  portSetting,
  requiredSetting,
  secondsSetting,
} from './setting-types.ts';

const NOT_A_DATABASE_URL =
  'must be a URL like postgresql://user:password@host:5432/database; in the password, characters other than A-Z a-z 0-9 _ - are written as %XX';

const databaseUrlSchema = requiredSetting(
  'set it to postgresql://user:password@host:5432/database',
).superRefine((value, context) => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  let url: URL;
  let password: string;
  try {
    url = new URL(value);
    password = decodeURIComponent(url.password);
  } catch {
    return refuse(NOT_A_DATABASE_URL);
  }
  if (!['postgres:', 'postgresql:'].includes(url.protocol)) refuse('must begin with postgresql://');
  // A / ? or # in the password ends the host there; a part of the password would be looked up, and logged, as its name.
  else if (`${url.pathname}${url.search}${url.hash}`.includes('@')) refuse(NOT_A_DATABASE_URL);
  else if (password !== '' && isPlaceholder(password))
    refuse('its password is still a placeholder: set the real one');
});

/** Where the database is, and how many connections this process may hold. */
export const databaseSettings = {
  DATABASE_URL: databaseUrlSchema,
  DATABASE_POOL_SIZE: integerSetting(10, { min: 2, max: 200 }),
};

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const LOG_FORMATS = ['json', 'pretty'] as const;

/** How this replica logs, and the name it goes by in logs, metrics and the monitoring. */
export const logSettings = {
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  LOG_FORMAT: z.enum(LOG_FORMATS, { error: `must be one of ${LOG_FORMATS.join(', ')}` }).default('json'),
  INSTANCE_ID: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, { error: 'must be 1 to 100 of A-Z a-z 0-9 . _ -' })
    .default(() => defaultInstanceId()),
};

/** Times and limits of the command lifecycle; the same for every service. */
export const lifecycleSettings = {
  COMMAND_TTL_SECONDS: secondsSetting(240),
  COMMAND_RESULT_TIMEOUT_SECONDS: secondsSetting(300),
  LOCKOUT_MAX_COMMANDS: integerSetting(3, { min: 1, max: 1000 }),
  LOCKOUT_WINDOW_SECONDS: secondsSetting(900),
};

/** Where /healthz, /readyz and /metrics of a service without an API of its own are. */
export function opsSettings(defaultPort: number) {
  return { OPS_HOST: z.string().default('127.0.0.1'), OPS_PORT: portSetting(defaultPort) };
}

/** Unlike any other replica's, also after a restart in the same container. */
function defaultInstanceId(): string {
  const host = hostname()
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 60);
  return `${host}-${process.pid}-${randomBytes(3).toString('hex')}`;
}
