import { z } from 'zod';
import { uuidSchema } from '../text.ts';

/** What a stream of events tells: which of these is to be read anew. */
export const EVENT_DATA_SCHEMAS = {
  client: z.object({ uuid: uuidSchema }),
  command: z.object({ commandId: uuidSchema, clientUuid: uuidSchema }),
  /** A failure of this client was opened or cleared. */
  failure: z.object({ uuid: uuidSchema }),
  /** Something that `GET /api/monitoring/system` shows. */
  system: z.object({}),
  /** Too much has changed, or the position is too old: everything. */
  reset: z.object({}),
} as const satisfies Record<string, z.ZodType>;
export type EventKind = keyof typeof EVENT_DATA_SCHEMAS;

export const eventQuerySchema = z.object({
  last_event_id: z
    .string()
    .max(1100)
    .regex(/^[\d.:,]+$/, 'must be the id of an event')
    .optional()
    .meta({
      description: 'For callers that cannot send the header `Last-Event-ID`, which counts before it.',
    }),
});

export const EVENT_STREAM_MEDIA_TYPE = 'text/event-stream';
export const eventStreamSchema = z.string().meta({
  id: 'EventStream',
  description: `Server-sent events. Each has a name (${Object.keys(EVENT_DATA_SCHEMAS).join(', ')}), \`data\` in JSON, and an \`id\` from which a stream goes on.`,
});
