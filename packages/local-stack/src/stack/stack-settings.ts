import { z } from 'zod';
import { BROKER_KINDS } from '../env.ts';

const port = (name: string) =>
  z
    .string()
    .regex(/^\d{1,5}$/, `${name} must be a port number from 1 to 65535`)
    .transform(Number)
    .refine((value) => value >= 1 && value <= 65_535, `${name} must be a port number from 1 to 65535`);

const databaseUrl = (name: string) =>
  z
    .url({
      protocol: /^postgres(ql)?$/,
      error: `${name} must be a URL like postgresql://user:password@host:5432/database`,
    })
    .optional();

/** The names that decide what `npm start` runs. All others are the services' own, and go on to them as they are. */
const schema = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: port('PORT').default(8000),
  DATABASE_URL: databaseUrl('DATABASE_URL'),
  MIGRATION_DATABASE_URL: databaseUrl('MIGRATION_DATABASE_URL'),
  MQTT_HOST: z.string().optional(),
  MQTT_PORT: port('MQTT_PORT').optional(),
  MQTT_TLS: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', '1', 'yes', 'on', 'false', '0', 'no', 'off'], 'MQTT_TLS must be true or false'))
    .transform((value) => ['true', '1', 'yes', 'on'].includes(value))
    .default(false),
  MQTT_CA_FILE: z.string().optional(),
  LOCAL_BROKER: z
    .enum(BROKER_KINDS, `LOCAL_BROKER must be ${BROKER_KINDS.join(' or ')}, or be left out`)
    .optional(),
  ADMIN_USERNAME: z.string().default('admin'),
  SIMULATED_SCREENS: z
    .string()
    .regex(/^\d{1,4}$/, 'SIMULATED_SCREENS must be a whole number from 0 to 9999')
    .transform(Number)
    .default(3),
});

export type Environment = Readonly<Record<string, string>>;

export interface StackSettings extends z.output<typeof schema> {
  /** Everything that was set, in the environment or in `.env`; empty values count as not set. */
  readonly given: Environment;
}

/** Something that a person has to change; the message is one sentence that says what. */
export class StackRefusedError extends Error {
  override readonly name = 'StackRefusedError';
}

/**
 * @param layers environments, the most important first
 * @throws StackRefusedError that names every problem, one a line
 */
export function readStackSettings(
  ...layers: readonly Readonly<Record<string, string | undefined>>[]
): StackSettings {
  const given: Record<string, string> = {};
  for (const layer of layers.toReversed()) {
    for (const [name, value] of Object.entries(layer))
      if (value !== undefined && value !== '') given[name] = value;
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return { ...parsed.data, given };
  throw new StackRefusedError(parsed.error.issues.map(({ message }) => message).join('\n'));
}
