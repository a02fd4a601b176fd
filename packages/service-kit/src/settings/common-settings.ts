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

const databaseUrlSchema = requiredSetting(
  'set it to postgresql://user:password@host:5432/database',
).superRefine((value, context) => {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    context.addIssue({
      code: 'custom',
      message: 'must be a URL like postgresql://user:password@host:5432/database',
    });
    return;
  }
  if (!['postgres:', 'postgresql:'].includes(url.protocol)) {
    context.addIssue({ code: 'custom', message: 'must begin with postgresql://' });
  } else if (url.password !== '' && isPlaceholder(decodeURIComponent(url.password))) {
    context.addIssue({ code: 'custom', message: 'its password is still a placeholder: set the real one' });
  }
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
