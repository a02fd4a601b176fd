import { z } from 'zod';
import { CLIENT_STATUSES } from '../clients/client-status.ts';
import { serverTimeSchema, uuidSchema } from '../text.ts';
import { healthSampleSchema } from './clients.ts';

export const SERVICE_NAMES = ['server', 'listener', 'scheduler'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

const nullableTime = serverTimeSchema.nullable();

/** What each replica writes of itself into `service_instances`, every few seconds. Times are ISO 8601 UTC. */
export const serviceReportSchema = z.object({
  /** Whether it can do its own work now. */
  ready: z.boolean(),
  /** Of a listener: its LISTENER_LANES. */
  lane_count: z.int().optional(),
  /** Of a listener: clients that send more than is taken of one, a few where they are many. */
  rate_limited_clients: z.array(uuidSchema).optional(),
  mqtt: z.object({ connected: z.boolean(), since: nullableTime }).nullable(),
  loops: z.array(
    z.object({
      name: z.string(),
      last_success_at: nullableTime,
      healthy: z.boolean(),
      last_error: z.string().nullable(),
    }),
  ),
});
export type ServiceReport = z.output<typeof serviceReportSchema>;

export const monitoringOverviewSchema = z
  .object({
    totals: z.object({
      clients: z.int(),
      alive: z.int(),
      by_status: z.record(z.enum(CLIENT_STATUSES), z.int()),
      open_failures: z.int(),
    }),
    clients: z.array(
      z.object({
        uuid: uuidSchema,
        hostname: z.string().nullable(),
        status: z.enum(CLIENT_STATUSES),
        last_health: healthSampleSchema.nullable(),
        mqtt_reconnect_count: z.int().nullable(),
        mqtt_last_disconnect_at: nullableTime,
      }),
    ),
  })
  .meta({ id: 'MonitoringOverview' });

export const monitoringSystemSchema = z
  .object({
    healthy: z.boolean().meta({ description: 'Whether every part below is up.' }),
    problems: z.array(z.string()),
    database: z.object({
      up: z.boolean(),
      latency_ms: z.number().nullable(),
      version: z.string().nullable(),
    }),
    broker: z.object({
      up: z.boolean(),
      since: nullableTime,
      accounts_pending: z.int().meta({ description: 'Screen accounts that the broker has not taken yet.' }),
      suspended_clients: z
        .array(uuidSchema)
        .meta({ description: 'Screens that flooded and are kept out for a while; ten at most.' }),
    }),
    services: z.array(
      z.object({
        service: z.enum(SERVICE_NAMES),
        instance: z.string(),
        version: z.string(),
        up: z.boolean(),
        started_at: serverTimeSchema,
        last_seen_at: serverTimeSchema,
        report: serviceReportSchema,
      }),
    ),
    ingest: z.object({
      lanes: z.array(
        z.object({
          lane: z.int(),
          holder: z.string().nullable(),
          acks_stored_at: nullableTime,
          telemetry_stored_at: nullableTime,
          up: z.boolean(),
          lag_s: z.number().nullable().meta({ description: 'Age of the last stored canary, in seconds.' }),
        }),
      ),
    }),
  })
  .meta({ id: 'MonitoringSystem' });
export type MonitoringSystemView = z.output<typeof monitoringSystemSchema>;
