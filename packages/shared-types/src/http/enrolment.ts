import { z } from 'zod';
import { boundedText, serverTimeSchema, uuidInputSchema, uuidSchema } from '../text.ts';
import { pageOf } from './paging.ts';

export const MAX_ENROLMENT_USES = 10_000;
const MAX_ENROLMENT_HOURS = 90 * 24;
const DEFAULT_ENROLMENT_HOURS = 24;
/** Told apart at a glance from other secrets, also by a scanner that looks for lost ones. */
export const ENROLMENT_TOKEN_PREFIX = 'isenrol_';

export const enrolmentTokenPathSchema = z.object({ id: uuidInputSchema });

export const createEnrolmentTokenBodySchema = z.object({
  description: boundedText(200).optional(),
  /** Group of every client that is enrolled with it. */
  group: boundedText(100).optional(),
  uses: z.int().min(1).max(MAX_ENROLMENT_USES).default(1),
  expires_in_hours: z.int().min(1).max(MAX_ENROLMENT_HOURS).default(DEFAULT_ENROLMENT_HOURS),
});

export const enrolmentTokenSchema = z
  .object({
    id: uuidSchema,
    description: z.string().nullable(),
    group: z.string().nullable(),
    uses: z.int().meta({ description: 'How many screens it has enrolled.' }),
    max_uses: z.int(),
    created_at: serverTimeSchema,
    created_by: z.string(),
    expires_at: serverTimeSchema,
    last_used_at: serverTimeSchema.nullable(),
    revoked_at: serverTimeSchema.nullable(),
    revoked_by: z.string().nullable(),
  })
  .meta({ id: 'EnrolmentToken' });
export type EnrolmentTokenView = z.output<typeof enrolmentTokenSchema>;
export const enrolmentTokenPageSchema = pageOf(enrolmentTokenSchema);
export const createdEnrolmentTokenSchema = z.object({
  enrolment_token: enrolmentTokenSchema,
  token: z.string().meta({ description: 'Shown this once.' }),
});

/** What a screen says of itself; only the token is required. Without `uuid` the server makes one. */
export const enrolBodySchema = z.object({
  token: z.string().min(1).max(200),
  uuid: uuidInputSchema.optional(),
  hostname: boundedText(255).optional(),
  model: boundedText(255).optional(),
  os_version: boundedText(255).optional(),
  app_version: boundedText(255).optional(),
});
export const enrolledSchema = z.object({
  client: z.object({
    uuid: uuidSchema,
    hostname: z.string().nullable(),
    group: z.string().nullable(),
  }),
  mqtt: z.object({
    username: z.string(),
    password: z.string().meta({ description: 'Shown this once.' }),
    applied: z
      .boolean()
      .meta({ description: 'Whether the broker has taken the account already; else it follows by itself.' }),
  }),
});
export type Enrolled = z.output<typeof enrolledSchema>;
