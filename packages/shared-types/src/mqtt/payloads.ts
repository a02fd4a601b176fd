import { z } from 'zod';
import { ACK_STATUSES } from '../commands/lifecycle.ts';
import { boundedText, deviceTimeSchema, requiredText, uuidSchema } from '../text.ts';

export const PROCESS_STATUSES = ['running', 'starting', 'stopped', 'crashed'] as const;
export type ProcessStatus = (typeof PROCESS_STATUSES)[number];

/** Agents write an unknown value as `null` as often as they leave it out; both mean "not told". */
const optional = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value) => value ?? undefined);
const text = (maxLength: number) => optional(boundedText(maxLength));
const count = optional(z.int().min(0).max(2_147_483_647));
const percent = optional(z.number().min(0).max(100));

export const MAX_RECENT_RESULTS = 8;
const MAX_FAILED_UNITS = 64;

export const discoveryPayloadSchema = z.object({
  uuid: uuidSchema,
  hostname: text(255),
  ip: text(64),
  model: text(255),
  os_version: text(255),
  app_version: text(128),
  boot_id: text(64),
});

export const recentResultSchema = z.object({
  command_id: uuidSchema,
  status: z.enum(ACK_STATUSES),
  error_code: text(64),
  error_message: text(1024),
});

export const heartbeatPayloadSchema = z.object({
  timestamp: optional(deviceTimeSchema),
  boot_id: text(64),
  process_status: optional(z.enum(PROCESS_STATUSES)),
  recent_results: optional(z.array(recentResultSchema).max(MAX_RECENT_RESULTS)),
});

export const healthPayloadSchema = z.object({
  timestamp: optional(deviceTimeSchema),
  process_status: optional(z.enum(PROCESS_STATUSES)),
  process_name: text(255),
  process_pid: count,
  app_version: text(128),
  boot_id: text(64),
  uptime_s: optional(z.number().min(0).max(1e10)),
  metrics: optional(
    z.object({
      cpu_percent: percent,
      memory_percent: percent,
      disk_percent: percent,
      temperature_c: optional(z.number().min(-100).max(250)),
    }),
  ),
  broker_connection: optional(
    z.object({
      connected: optional(z.boolean()),
      reconnect_count: count,
      last_disconnect_at: optional(deviceTimeSchema),
    }),
  ),
  failed_units: optional(
    z
      .array(z.object({ unit: requiredText(255), failed_at: optional(deviceTimeSchema) }))
      .max(MAX_FAILED_UNITS),
  ),
});

export const serviceFailedPayloadSchema = z.object({
  unit: requiredText(255),
  failed_at: optional(deviceTimeSchema),
  reason: text(1024),
  restarts: count,
});

export const presencePayloadSchema = z.object({
  online: z.boolean(),
  session_id: text(64),
  reason: text(255),
});

export const commandAckPayloadSchema = z.object({
  command_id: uuidSchema,
  status: z.enum(ACK_STATUSES),
  error_code: text(64),
  error_message: text(1024),
  timestamp: optional(deviceTimeSchema),
  boot_id: text(64),
});

export type DiscoveryPayload = z.output<typeof discoveryPayloadSchema>;
export type HeartbeatPayload = z.output<typeof heartbeatPayloadSchema>;
export type HealthPayload = z.output<typeof healthPayloadSchema>;
export type ServiceFailedPayload = z.output<typeof serviceFailedPayloadSchema>;
export type PresencePayload = z.output<typeof presencePayloadSchema>;
export type CommandAckPayload = z.output<typeof commandAckPayloadSchema>;
export type RecentResult = z.output<typeof recentResultSchema>;
