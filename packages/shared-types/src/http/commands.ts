import { z } from 'zod';
import { COMMAND_ACTIONS, COMMAND_STATUSES } from '../commands/lifecycle.ts';
import { requiredText, serverTimeSchema, uuidInputSchema, uuidSchema } from '../text.ts';
import { pageOf, pageQuerySchema } from './paging.ts';

/** Who moved a command: the API, the one who published it, the screen, the expiry sweep. */
export const COMMAND_EVENT_SOURCES = ['api', 'publisher', 'device', 'sweep', 'recovery'] as const;
export type CommandEventSource = (typeof COMMAND_EVENT_SOURCES)[number];

/** `transition` moves the command; the other kinds leave its status as it is. */
export const COMMAND_EVENT_KINDS = ['transition', 'republished', 'late_result', 'effect'] as const;
export type CommandEventKind = (typeof COMMAND_EVENT_KINDS)[number];

const time = serverTimeSchema;
const nullableTime = time.nullable();

export const commandEventSchema = z
  .object({
    kind: z.enum(COMMAND_EVENT_KINDS),
    from: z.enum(COMMAND_STATUSES).nullable(),
    to: z.enum(COMMAND_STATUSES),
    source: z.enum(COMMAND_EVENT_SOURCES),
    actor: z.string(),
    deviceTime: z.string().nullable(),
    serverTime: time,
    errorCode: z.string().nullable(),
    detail: z.string().nullable(),
  })
  .meta({ id: 'CommandEvent' });

export const commandSchema = z
  .object({
    commandId: uuidSchema,
    clientUuid: uuidSchema,
    action: z.enum(COMMAND_ACTIONS),
    status: z.enum(COMMAND_STATUSES),
    reason: z.string().nullable(),
    requestedBy: z.string(),
    bootId: z.string().nullable(),
    errorCode: z.string().nullable(),
    errorMessage: z.string().nullable(),
    createdAt: time,
    expiresAt: time,
    resultDueAt: nullableTime,
    publishedAt: nullableTime,
    publishCount: z.int(),
    ackReceivedAt: nullableTime,
    executionStartedAt: nullableTime,
    completedAt: nullableTime,
    finishedAt: nullableTime,
    effectObserved: z.boolean().nullable(),
    effectObservedAt: nullableTime,
    effectBootId: z.string().nullable(),
    lateOutcome: z.enum(['completed', 'failed', 'blocked_safety']).nullable(),
    lateOutcomeAt: nullableTime,
  })
  .meta({ id: 'Command' });
export type CommandView = z.output<typeof commandSchema>;
export type CommandEventView = z.output<typeof commandEventSchema>;

export const commandWithTimelineSchema = commandSchema
  .extend({ timeline: z.array(commandEventSchema) })
  .meta({ id: 'CommandWithTimeline' });

/** Body of restart, shutdown and restart_app; no body at all is `{}`. */
export const issueCommandBodySchema = z.object({ reason: requiredText(500).optional() });
export const commandAnswerSchema = z.object({ command: commandSchema });
export const commandDetailAnswerSchema = z.object({ command: commandWithTimelineSchema });
export const commandPathSchema = z.object({ command_id: uuidInputSchema });
export const commandListQuerySchema = pageQuerySchema.extend({
  status: z.enum(COMMAND_STATUSES).optional(),
  action: z.enum(COMMAND_ACTIONS).optional(),
});
export const commandPageSchema = pageOf(commandSchema);

export const MAX_BULK_CLIENTS = 500;

/** A screen that is shut down doesn't come back by itself: for many at once, that is asked for twice. */
export const bulkCommandBodySchema = z
  .object({
    action: z.enum(COMMAND_ACTIONS),
    client_uuids: z
      .array(uuidInputSchema)
      .min(1)
      .max(MAX_BULK_CLIENTS)
      .refine((uuids) => new Set(uuids).size === uuids.length, 'must name each client once'),
    reason: requiredText(500).optional(),
    confirm: z
      .literal('shutdown_host')
      .optional()
      .meta({ description: 'Required for `shutdown_host`: its own name again.' }),
  })
  .refine(({ action, confirm }) => action !== 'shutdown_host' || confirm === 'shutdown_host', {
    path: ['confirm'],
    error: 'must be "shutdown_host" to shut many screens down: somebody has to power each of them on again',
  });
export const BULK_OUTCOMES = ['accepted', 'blocked_safety', 'client_not_found'] as const;
export type BulkOutcome = (typeof BULK_OUTCOMES)[number];
export const bulkCommandAnswerSchema = z.object({
  items: z.array(
    z.object({
      client_uuid: uuidSchema,
      outcome: z.enum(BULK_OUTCOMES),
      command: commandSchema.nullable(),
    }),
  ),
});

const statusListSchema = z
  .union([z.string().max(500), z.array(z.string().max(100)).max(20)])
  .transform((value) => [value].flat().flatMap((part) => part.split(',')))
  .pipe(z.array(z.enum(COMMAND_STATUSES)))
  .meta({ description: 'One or more, repeated or with commas between them.' });

export const COMMAND_LIST_FORMATS = ['json', 'csv'] as const;

/** History of the fleet. */
export const fleetCommandQuerySchema = pageQuerySchema.extend({
  status: statusListSchema.optional(),
  action: z.enum(COMMAND_ACTIONS).optional(),
  requested_by: z.string().max(200).optional(),
  client_uuid: uuidInputSchema.optional(),
  group: z.string().max(100).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  format: z.enum(COMMAND_LIST_FORMATS).default('json').meta({
    description:
      '`csv` gives everything that fits, newest first, as a file; `limit` counts for `json` alone.',
  }),
});
export const fleetCommandSchema = commandSchema
  .extend({ hostname: z.string().nullable() })
  .meta({ id: 'FleetCommand' });
export const fleetCommandPageSchema = pageOf(fleetCommandSchema);
