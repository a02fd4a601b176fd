import type { Problem, ProblemCode } from '@infoscreen/shared-types';
import { ApiError, ServerLostError } from '../api/api-error.ts';
import { type TextKey, useTexts } from '../texts/texts.ts';

const TEXT_OF_CODE: Readonly<Record<ProblemCode, TextKey>> = {
  invalid_request: 'problem.invalid',
  invalid_json: 'problem.refused',
  not_authenticated: 'problem.loginFirst',
  invalid_credentials: 'login.wrong',
  invalid_token: 'problem.refused',
  invalid_enrolment_token: 'problem.refused',
  forbidden: 'problem.forbidden',
  password_change_required: 'problem.passwordFirst',
  session_required: 'problem.sessionRequired',
  cross_site_request: 'problem.refused',
  not_found: 'problem.notFound',
  client_not_found: 'problem.screenNotFound',
  command_not_found: 'problem.commandNotFound',
  session_not_found: 'problem.gone',
  user_not_found: 'problem.gone',
  api_token_not_found: 'problem.gone',
  enrolment_token_not_found: 'problem.gone',
  method_not_allowed: 'problem.refused',
  client_exists: 'problem.refused',
  client_deleted: 'problem.screenNotFound',
  command_not_cancellable: 'problem.notCancellable',
  no_open_failure: 'problem.noOpenFailure',
  username_taken: 'problem.usernameTaken',
  last_superadmin: 'problem.lastSuperadmin',
  own_role: 'problem.ownRole',
  idempotency_key_in_use: 'problem.conflict',
  payload_too_large: 'problem.refused',
  unsupported_media_type: 'problem.refused',
  idempotency_key_reused: 'problem.conflict',
  safety_lockout: 'problem.safetyLockout',
  too_many_attempts: 'problem.tooManyAttempts',
  too_many_streams: 'problem.tooManyAttempts',
  internal_error: 'problem.internal',
  unavailable: 'problem.unavailable',
};

/** A code of a newer server has no text here: what the server said of it, then. */
function textKeyOf(problem: Problem | null): TextKey | undefined {
  return problem === null ? undefined : (TEXT_OF_CODE as Partial<Record<string, TextKey>>)[problem.code];
}

/** What went wrong and what to do, in one or two sentences. */
export function ProblemText({ error }: { readonly error: unknown }) {
  const t = useTexts();
  if (error instanceof ServerLostError) return <p>{t('problem.serverLost')}</p>;
  if (!(error instanceof ApiError)) return <p>{t('problem.page')}</p>;
  const { problem, status } = error;
  const key = textKeyOf(problem);
  return (
    <>
      <p>{key === undefined ? (problem?.title ?? t('problem.status', { status })) : t(key)}</p>
      {problem?.errors?.map((issue) => (
        <p key={`${issue.path} ${issue.message}`} lang="en">
          {issue.path}: {issue.message}
        </p>
      ))}
      {problem !== null && status >= 500 && (
        <p className="quiet">{t('problem.requestId', { id: problem.request_id })}</p>
      )}
    </>
  );
}

/** An error in the place of what it kept from being shown, with a way on. */
export function ProblemBox({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const t = useTexts();
  return (
    <div className="problem-box" role="alert">
      <ProblemText error={error} />
      {onRetry !== undefined && (
        <button type="button" className="button" onClick={onRetry}>
          {t('problem.retry')}
        </button>
      )}
    </div>
  );
}
