import { z } from 'zod';
import { ROLES } from '../roles.ts';
import { requiredText, serverTimeSchema, uuidInputSchema, uuidSchema } from '../text.ts';
import { pageOf, pageQuerySchema } from './paging.ts';
import { MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARACTERS } from './password-limits.ts';

const withinBcrypt = (value: string) => new TextEncoder().encode(value).byteLength <= MAX_PASSWORD_BYTES;

export const usernameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^[a-z0-9][a-z0-9._@-]{1,62}$/,
    'must be 2 to 63 characters: letters, digits, dot, underscore, @ or hyphen',
  );

export const newPasswordSchema = z
  .string()
  .min(MIN_PASSWORD_CHARACTERS, `must be at least ${MIN_PASSWORD_CHARACTERS} characters`)
  .refine(withinBcrypt, `must be at most ${MAX_PASSWORD_BYTES} bytes`);

export const userSchema = z
  .object({
    id: uuidSchema,
    username: z.string(),
    role: z.enum(ROLES),
    disabled_at: serverTimeSchema.nullable(),
    must_change_password: z.boolean(),
    created_at: serverTimeSchema,
    last_login_at: serverTimeSchema.nullable(),
  })
  .meta({ id: 'User' });
export type UserView = z.output<typeof userSchema>;

export const loginBodySchema = z.object({
  username: z.string().min(1).max(200),
  password: z.string().min(1).max(1000),
});
export const userAnswerSchema = z.object({ user: userSchema });
export const changePasswordBodySchema = z.object({
  current_password: z.string().min(1).max(1000),
  new_password: newPasswordSchema,
});
export const userPathSchema = z.object({ id: uuidInputSchema });
/** Without `password` one is made, shown this once, and must be changed at the first log-in. */
export const createUserBodySchema = z.object({
  username: usernameSchema,
  role: z.enum(ROLES),
  password: newPasswordSchema.optional(),
});
export const updateUserBodySchema = z
  .object({ role: z.enum(ROLES).optional(), disabled: z.boolean().optional() })
  .refine(({ role, disabled }) => role !== undefined || disabled !== undefined, 'give role or disabled');
export const userWithPasswordSchema = z.object({
  user: userSchema,
  password: z
    .string()
    .nullable()
    .meta({ description: 'The made password, shown this once; null where the caller gave one.' }),
});
export const userPageSchema = pageOf(userSchema);

/** `unknown`: a write that began and may have been done; its server died, or failed, in between. */
export const AUDIT_OUTCOMES = ['success', 'refused', 'unknown'] as const;

/** Of `GET /api/audit`: a page, or a file with everything. */
export const AUDIT_FORMATS = ['json', 'csv', 'jsonl'] as const;

export const auditQuerySchema = pageQuerySchema.extend({
  actor: z.string().max(200).optional(),
  action: z.string().max(100).optional(),
  target: z.string().max(200).optional(),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
  format: z.enum(AUDIT_FORMATS).default('json').meta({
    description:
      '`csv` and `jsonl` give everything that fits, newest first, as a file; `limit` counts for `json` alone.',
  }),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});
export const auditEntrySchema = z
  .object({
    id: z.string(),
    at: serverTimeSchema,
    last_at: serverTimeSchema,
    count: z.int(),
    actor: z.string().nullable(),
    action: z.string(),
    target: z.string().nullable(),
    outcome: z.enum(AUDIT_OUTCOMES),
    status_code: z.int().meta({ description: '0 where no answer is known.' }),
    error_code: z.string().nullable(),
    ip: z.string().nullable(),
    request_id: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: 'AuditEntry' });
export const auditPageSchema = pageOf(auditEntrySchema);

/** Sent with any write; the same key gives the same answer again, for the same user, for a day. */
export const idempotencyKeySchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .transform((value) => value.replace(/^"(.*)"$/, '$1'));
export const reasonSchema = requiredText(500);
