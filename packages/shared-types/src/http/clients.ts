import { z } from 'zod';
import { CLIENT_STATUSES, CRASH_REASONS } from '../clients/client-status.ts';
import { LOCKOUT_ACTIONS } from '../commands/lifecycle.ts';
import { PROCESS_STATUSES } from '../mqtt/payloads.ts';
import { boundedText, serverTimeSchema, uuidInputSchema, uuidSchema } from '../text.ts';
import { commandSchema } from './commands.ts';
import { pageOf } from './paging.ts';

const nullableTime = serverTimeSchema.nullable();
const nullableText = z.string().nullable();
const nullableNumber = z.number().nullable();

export const clientPathSchema = z.object({ uuid: uuidInputSchema });

export const clientRecoverySchema = z
  .object({
    step: z.enum(['restart_app', 'reboot_host', 'exhausted']),
    attempts: z.int(),
    next_at: nullableTime,
    exhausted_at: nullableTime,
    last_command_id: uuidSchema.nullable(),
  })
  .meta({ id: 'ClientRecovery', description: 'The ladder of crash recovery that the client is on.' });

export const clientSchema = z
  .object({
    uuid: uuidSchema,
    hostname: nullableText,
    description: nullableText,
    group: nullableText,
    ip: nullableText,
    model: nullableText,
    os_version: nullableText,
    app_version: nullableText,
    pending: z.boolean().meta({ description: 'Known only from the discovery alias, which anybody may use.' }),
    created_at: serverTimeSchema,
    status: z.enum(CLIENT_STATUSES),
    status_since: nullableTime.meta({
      description:
        'Since when: never_seen, since it was made; unreachable, its last message, or when the broker said that it is offline; crashed, when its process first said so, or its last heartbeat; degraded, when its oldest open failure was reported or recovery gave up on it. Else the comparison of all statuses that first found it so, which is made every 10 to 13 s: it has been so at least since then. null: nobody has compared yet, or for longer than a minute.',
    }),
    is_alive: z.boolean(),
    last_alive: nullableTime,
    last_message_at: nullableTime,
    process_status: z.enum(PROCESS_STATUSES).nullable(),
    process_name: nullableText,
    process_pid: z.int().nullable(),
    boot_id: nullableText,
    uptime_s: nullableNumber,
    presence_online: z.boolean().nullable(),
    presence_reason: nullableText,
    presence_at: nullableTime,
    mqtt_reconnect_count: z.int().nullable(),
    mqtt_last_disconnect_at: nullableTime,
    clock_offset_s: nullableNumber.meta({
      description: 'Device clock minus server clock, in seconds; null where it never told a time.',
    }),
    service_failed_at: nullableTime,
    service_failed_unit: nullableText,
    recovery_exhausted: z.boolean(),
    recovery: clientRecoverySchema.nullable(),
  })
  .meta({ id: 'Client' });
export type ClientView = z.output<typeof clientSchema>;

export const healthSampleSchema = z
  .object({
    at: serverTimeSchema,
    process_status: z.enum(PROCESS_STATUSES).nullable(),
    cpu_percent: nullableNumber,
    memory_percent: nullableNumber,
    disk_percent: nullableNumber,
    temperature_c: nullableNumber,
    mqtt_reconnect_count: z.int().nullable(),
  })
  .meta({ id: 'HealthSample' });

export const clientBootSchema = z
  .object({ boot_id: z.string(), first_seen_at: serverTimeSchema, command_id: uuidSchema.nullable() })
  .meta({
    id: 'ClientBoot',
    description:
      'A boot that was seen; `command_id` is the reboot that caused it, null where nobody commanded it.',
  });

export const lockoutSchema = z
  .object({
    action: z.enum(LOCKOUT_ACTIONS),
    remaining: z.int().meta({ description: 'Commands that may still be issued now.' }),
    free_at: nullableTime.meta({ description: 'When the next place becomes free; null where none is used.' }),
  })
  .meta({ id: 'Lockout' });
export type LockoutView = z.output<typeof lockoutSchema>;

export const clientDetailSchema = clientSchema
  .extend({
    latest_health: healthSampleSchema.nullable(),
    recent_commands: z.array(commandSchema),
    recent_boots: z.array(clientBootSchema),
    lockout: z.array(lockoutSchema),
    suspended_until: nullableTime.meta({
      description: 'It flooded, and its account at the broker is disabled until then.',
    }),
  })
  .meta({ id: 'ClientDetail' });

/** How the screen logs in to the broker. */
const mqttAuthSchema = z.enum(['password', 'certificate']).default('password').meta({
  description:
    'password: an account of its own is made at the broker. certificate: none is; the screen logs in with a certificate of the CA that the broker trusts, whose name is the UUID.',
});

export const createClientBodySchema = z.object({
  uuid: uuidInputSchema.optional(),
  hostname: boundedText(255).optional(),
  description: boundedText(1000).optional(),
  group: boundedText(100).optional(),
  mqtt_auth: mqttAuthSchema,
});
export const rotateCredentialsBodySchema = z.object({ mqtt_auth: mqttAuthSchema });
export const clientAnswerSchema = z.object({ client: clientSchema });
export const clientCredentialsSchema = z.object({
  client: clientSchema,
  mqtt: z.object({
    username: z.string(),
    password: z
      .string()
      .optional()
      .meta({ description: 'Shown this once; not there where the screen logs in with a certificate.' }),
    applied: z
      .boolean()
      .meta({ description: 'Whether the broker has taken the account already; else it follows by itself.' }),
  }),
});

export const aliveStatusSchema = z
  .object({
    uuid: uuidSchema,
    hostname: nullableText,
    is_alive: z.boolean(),
    last_alive: nullableTime,
    process_status: z.enum(PROCESS_STATUSES).nullable(),
    mqtt_reconnect_count: z.int().nullable(),
    mqtt_last_disconnect_at: nullableTime,
    service_failed_at: nullableTime,
    service_failed_unit: nullableText,
  })
  .meta({ id: 'AliveStatus' });
export const aliveStatusListSchema = z.array(aliveStatusSchema);

export const crashedClientSchema = clientSchema
  .extend({ crash_reason: z.enum(CRASH_REASONS) })
  .meta({ id: 'CrashedClient' });
export const crashedClientPageSchema = pageOf(crashedClientSchema);

export const serviceFailureSchema = z
  .object({
    id: uuidSchema,
    client_uuid: uuidSchema,
    hostname: nullableText,
    unit: z.string(),
    failed_at: serverTimeSchema,
    reported_at: serverTimeSchema,
    reason: nullableText,
    restarts: z.int().nullable(),
    cleared_at: nullableTime,
    cleared_by: nullableText,
    comment: nullableText.meta({ description: 'What was said when it was cleared.' }),
  })
  .meta({ id: 'ServiceFailure' });
export const serviceFailurePageSchema = pageOf(serviceFailureSchema);

/** Without `unit`, every open failure of the client is cleared. */
export const clearServiceFailedBodySchema = z.object({
  unit: boundedText(255).optional(),
  comment: boundedText(500).optional(),
});
export const clearServiceFailedAnswerSchema = z.object({ cleared: z.array(serviceFailureSchema) });

export const healthQuerySchema = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});
export const MAX_HEALTH_POINTS = 1000;
export const healthHistorySchema = z.object({
  items: z.array(healthSampleSchema).max(MAX_HEALTH_POINTS),
  nextCursor: z.null(),
});
