import { z } from 'zod';
import { CLIENT_STATUSES } from '../clients/client-status.ts';
import { clientSchema } from './clients.ts';
import { pageOf, pageQuerySchema } from './paging.ts';

/** What the list of clients can be sorted by; `-` before it turns the order round. */
export const CLIENT_SORT_KEYS = [
  'hostname',
  'last_alive',
  'status',
  'group',
  'app_version',
  'mqtt_reconnect_count',
] as const;
export type ClientSortKey = (typeof CLIENT_SORT_KEYS)[number];
export type ClientSort = ClientSortKey | `-${ClientSortKey}`;
const CLIENT_SORTS = CLIENT_SORT_KEYS.flatMap((key): ClientSort[] => [key, `-${key}`]);

/** Which clients a list shows, and a count counts. */
export const clientFilterSchema = z.object({
  status: z.enum(CLIENT_STATUSES).optional(),
  group: z.string().max(100).optional(),
  text: z
    .string()
    .max(100)
    .optional()
    .meta({ description: 'Part of UUID, host name, description, group or address.' }),
});

export const clientListQuerySchema = pageQuerySchema.extend({
  ...clientFilterSchema.shape,
  sort: z
    .enum(CLIENT_SORTS)
    .default('hostname')
    .meta({
      description: `Clients without a value come last either way. \`status\` goes ${CLIENT_STATUSES.join(', ')}. \`app_version\` goes by its numbers: 2.9, 2.10.`,
    }),
});
export const clientPageSchema = pageOf(clientSchema);

export const clientCountsSchema = z
  .object({ total: z.int(), by_status: z.record(z.enum(CLIENT_STATUSES), z.int()) })
  .meta({ id: 'ClientCounts' });

export const clientGroupsSchema = z.object({
  items: z.array(z.object({ group: z.string(), count: z.int() })),
  nextCursor: z.null(),
});
