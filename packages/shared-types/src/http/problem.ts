import { z } from 'zod';

/** Every `code` of a problem document, with the status it always has and what it means. */
export const PROBLEM_CODES = {
  invalid_request: { status: 400, title: 'The request breaks its schema; `errors` names each part of it.' },
  invalid_json: { status: 400, title: 'The body is not valid JSON.' },
  not_authenticated: { status: 401, title: 'Log in first: there is no valid session.' },
  invalid_credentials: { status: 401, title: 'User name or password is wrong.' },
  invalid_token: { status: 401, title: 'This API token is unknown, expired or revoked.' },
  invalid_enrolment_token: {
    status: 401,
    title: 'This enrolment token is unknown, used up, expired or revoked.',
  },
  forbidden: { status: 403, title: 'Your role does not allow this.' },
  password_change_required: {
    status: 403,
    title: 'Change your password first, with POST /api/auth/change-password.',
  },
  session_required: { status: 403, title: 'Only a session may do this, no API token.' },
  cross_site_request: { status: 403, title: 'A write from another site is refused.' },
  not_found: { status: 404, title: 'There is nothing at this address.' },
  client_not_found: { status: 404, title: 'There is no client with this UUID.' },
  command_not_found: { status: 404, title: 'There is no command with this id.' },
  session_not_found: { status: 404, title: 'You have no session with this id.' },
  user_not_found: { status: 404, title: 'There is no user with this id.' },
  api_token_not_found: { status: 404, title: 'There is no such API token, or it is not yours.' },
  enrolment_token_not_found: { status: 404, title: 'There is no enrolment token with this id.' },
  method_not_allowed: { status: 405, title: 'This address does not know the method.' },
  client_exists: { status: 409, title: 'A client with this UUID exists already.' },
  client_deleted: {
    status: 409,
    title: 'A client with this UUID was deleted; its history is kept, so choose another UUID.',
  },
  command_not_cancellable: { status: 409, title: 'Only a command that is still queued can be cancelled.' },
  no_open_failure: { status: 409, title: 'There is no open failure to clear.' },
  username_taken: { status: 409, title: 'This user name is taken.' },
  last_superadmin: { status: 409, title: 'The last active superadmin cannot be disabled or lose the role.' },
  own_role: { status: 409, title: 'Nobody can change their own role or disable themselves.' },
  idempotency_key_in_use: { status: 409, title: 'A request with this Idempotency-Key is still running.' },
  payload_too_large: { status: 413, title: 'The body is too large.' },
  unsupported_media_type: { status: 415, title: 'Send JSON, with Content-Type: application/json.' },
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key was used for another request.' },
  safety_lockout: {
    status: 429,
    title:
      'Too many commands of this kind to this screen; the command was stored as blocked_safety and not sent.',
  },
  too_many_attempts: { status: 429, title: 'Too many attempts; wait before you try again.' },
  too_many_streams: {
    status: 429,
    title: 'Too many event streams are open, yours or those of all; close one, or wait.',
  },
  internal_error: { status: 500, title: 'Something went wrong on our side; quote the request id.' },
  unavailable: { status: 503, title: 'The service cannot do this right now; try again shortly.' },
} as const satisfies Record<string, { status: number; title: string }>;
export type ProblemCode = keyof typeof PROBLEM_CODES;

/** RFC 9457, `application/problem+json`. */
export const problemSchema = z
  .looseObject({
    type: z.string().meta({ description: 'URN of the code: urn:infoscreen:problem:<code>' }),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(PROBLEM_CODES) as [ProblemCode, ...ProblemCode[]]),
    detail: z.string().optional(),
    request_id: z.string(),
    errors: z
      .array(
        z.object({ in: z.enum(['body', 'query', 'path', 'header']), path: z.string(), message: z.string() }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.output<typeof problemSchema>;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export function problemType(code: ProblemCode): string {
  return `urn:infoscreen:problem:${code}`;
}
