import { z } from 'zod';
import { serverTimeSchema, uuidInputSchema, uuidSchema } from '../text.ts';
import { pageOf } from './paging.ts';

/** A log-in of one's own, as its owner recognises it. */
export const sessionSchema = z
  .object({
    id: uuidSchema.meta({ description: 'Names the session; it opens nothing.' }),
    logged_in_at: serverTimeSchema,
    last_used_at: serverTimeSchema.meta({ description: 'To the minute.' }),
    expires_at: serverTimeSchema.meta({ description: 'When it ends unless it is used before.' }),
    ip: z.string().nullable().meta({ description: 'Where the log-in came from.' }),
    user_agent: z
      .string()
      .nullable()
      .meta({ description: 'What the program called itself, up to 200 characters.' }),
    current: z.boolean().meta({ description: 'Whether it is the one that asks.' }),
  })
  .meta({ id: 'Session' });
export type SessionView = z.output<typeof sessionSchema>;

export const sessionPageSchema = pageOf(sessionSchema);
export const sessionPathSchema = z.object({ id: uuidInputSchema });
export const revokedSessionsSchema = z.object({ revoked: z.int() });
