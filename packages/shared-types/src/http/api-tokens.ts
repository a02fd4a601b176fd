import { z } from 'zod';
import { ROLES } from '../roles.ts';
import { requiredText, serverTimeSchema, uuidInputSchema, uuidSchema } from '../text.ts';
import { pageOf } from './paging.ts';

const MAX_TOKEN_DAYS = 365;
const DEFAULT_TOKEN_DAYS = 90;
/** Told apart at a glance from other secrets, also by a scanner that looks for lost ones. */
export const API_TOKEN_PREFIX = 'ist_';

export const apiTokenPathSchema = z.object({ id: uuidInputSchema });

export const createApiTokenBodySchema = z.object({
  /** For people, to know later what it is used for. */
  name: requiredText(100),
  role: z.enum(ROLES),
  expires_in_days: z.int().min(1).max(MAX_TOKEN_DAYS).default(DEFAULT_TOKEN_DAYS),
});

export const apiTokenSchema = z
  .object({
    id: uuidSchema,
    name: z.string(),
    role: z.enum(ROLES).meta({
      description: 'At each request it may do what this and the present role of its owner both allow.',
    }),
    owner: z.string(),
    created_at: serverTimeSchema,
    expires_at: serverTimeSchema,
    last_used_at: serverTimeSchema.nullable().meta({ description: 'To the minute.' }),
    last_used_ip: z.string().nullable(),
    revoked_at: serverTimeSchema.nullable(),
    revoked_by: z.string().nullable(),
  })
  .meta({ id: 'ApiToken' });
export type ApiTokenView = z.output<typeof apiTokenSchema>;
export const apiTokenPageSchema = pageOf(apiTokenSchema);
export const createdApiTokenSchema = z.object({
  token: apiTokenSchema,
  secret: z.string().meta({ description: 'For the header `Authorization: Bearer …`. Shown this once.' }),
});
