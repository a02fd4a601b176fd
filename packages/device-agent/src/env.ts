import { uuidInputSchema } from '@infoscreen/shared-types';
import { z } from 'zod';
import {
  brokerAddressOf,
  brokerSettings,
  certificateSettings,
  LOGIN_RULES,
} from './broker/broker-settings.ts';
import type { HostCommand } from './host/linux-host.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment can't be used as it is; the message names every problem, one a line. */
export class SettingsError extends Error {
  constructor(problems: readonly string[]) {
    super(`The settings cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'SettingsError';
  }
}

const number = (fallback: number, minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a number')
    .default(String(fallback))
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum));

const command = (fallback: HostCommand) =>
  z
    .string()
    .default(fallback.join(' '))
    .transform((text, context): HostCommand => {
      const [program, ...args] = text.trim().split(/\s+/);
      if (program?.startsWith('/')) return [program, ...args];
      context.addIssue({ code: 'custom', message: 'must begin with the absolute path of a program' });
      return z.NEVER;
    });

const intervals = (heartbeatSeconds: number, healthSeconds: number) => ({
  HEARTBEAT_INTERVAL_SECONDS: number(heartbeatSeconds, 0.1, 3_600),
  HEALTH_INTERVAL_SECONDS: number(healthSeconds, 0.1, 3_600),
});

const simulationSchema = z
  .object({
    ...brokerSettings,
    ...intervals(10, 15),
    SIMULATED_SCREENS_FILE: z
      .string({ error: 'is not set: the JSON file with the accounts of the screens' })
      .min(1),
    REBOOT_SECONDS: number(5, 0, 3_600),
  })
  .transform((env) => ({
    ...simulatedAddress(env),
    screensFile: env.SIMULATED_SCREENS_FILE,
    heartbeatIntervalSeconds: env.HEARTBEAT_INTERVAL_SECONDS,
    healthIntervalSeconds: env.HEALTH_INTERVAL_SECONDS,
    rebootSeconds: env.REBOOT_SECONDS,
  }));
export type SimulationSettings = z.output<typeof simulationSchema>;

function simulatedAddress(env: Parameters<typeof brokerAddressOf>[0]) {
  const { host, port, tls } = brokerAddressOf(env);
  return { mqttHost: host, mqttPort: port, ...(tls === undefined ? {} : { mqttTls: tls }) };
}

const agentSettings = z.object({
  ...brokerSettings,
  ...intervals(30, 60),
  MQTT_USER: z
    .string({ error: "is not set: the screen's UUID, as POST /api/clients gave it" })
    .pipe(uuidInputSchema),
  MQTT_PASSWORD: z.string().min(1).optional(),
  ...certificateSettings,
  STATE_FILE: z.string().min(1).default('/var/lib/infoscreen-agent/memory.json'),
  PLAYER_UNIT: z.string().min(1).default('infoscreen-player.service'),
  REBOOT_COMMAND: command(['/usr/bin/systemctl', 'reboot']),
  SHUTDOWN_COMMAND: command(['/usr/bin/systemctl', 'poweroff']),
  RESTART_APP_COMMAND: z.string().optional(),
  SCREEN_MODEL: z.string().default(''),
  APP_VERSION: z.string().default(''),
});

const agentSchema = LOGIN_RULES.reduce(
  // Looked at also where another setting is wrong by itself.
  (schema, { path, message, holds }) =>
    schema.refine(holds, { path: [path], error: message, when: () => true }),
  agentSettings,
).transform((env, context) => {
  const restart = command(['/usr/bin/systemctl', 'restart', env.PLAYER_UNIT]).safeParse(
    env.RESTART_APP_COMMAND,
  );
  if (!restart.success) {
    context.addIssue({
      code: 'custom',
      path: ['RESTART_APP_COMMAND'],
      message: 'must begin with the absolute path of a program',
    });
    return z.NEVER;
  }
  return {
    uuid: env.MQTT_USER,
    ...(env.MQTT_PASSWORD === undefined ? {} : { password: env.MQTT_PASSWORD }),
    broker: brokerAddressOf(env),
    stateFile: env.STATE_FILE,
    heartbeatIntervalSeconds: env.HEARTBEAT_INTERVAL_SECONDS,
    healthIntervalSeconds: env.HEALTH_INTERVAL_SECONDS,
    host: {
      rebootCommand: env.REBOOT_COMMAND,
      shutdownCommand: env.SHUTDOWN_COMMAND,
      restartAppCommand: restart.data,
      playerUnit: env.PLAYER_UNIT,
      model: env.SCREEN_MODEL,
      appVersion: env.APP_VERSION,
    },
  };
});
export type AgentSettings = z.output<typeof agentSchema>;

/** Settings of the simulator. @throws SettingsError with every problem at once */
export function readSimulationSettings(environment: Environment = process.env): SimulationSettings {
  return parseEnvironment(simulationSchema, environment);
}

/** Settings of a real screen's agent. @throws SettingsError with every problem at once */
export function readAgentSettings(environment: Environment = process.env): AgentSettings {
  return parseEnvironment(agentSchema, environment);
}

/** An empty value counts as not set, as in a `.env` file. */
function parseEnvironment<T>(schema: z.ZodType<T>, environment: Environment): T {
  const parsed = schema.safeParse(
    Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '')),
  );
  if (parsed.success) return parsed.data;
  throw new SettingsError(
    parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')} ${message}`),
  );
}
