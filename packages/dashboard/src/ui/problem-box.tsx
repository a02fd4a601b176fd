import { ApiError, ServerLostError } from '../api/api-error.ts';
import { type TextKey, useTexts } from '../texts/texts.ts';

const TEXT_OF_CODE: Readonly<Record<string, TextKey>> = {
  forbidden: 'problem.forbidden',
  not_found: 'problem.notFound',
  client_not_found: 'problem.screenNotFound',
  client_deleted: 'problem.screenNotFound',
  command_not_found: 'problem.commandNotFound',
  command_not_cancellable: 'problem.notCancellable',
  no_open_failure: 'problem.noOpenFailure',
  safety_lockout: 'problem.safetyLockout',
  too_many_attempts: 'problem.tooManyAttempts',
  username_taken: 'problem.usernameTaken',
  last_superadmin: 'problem.lastSuperadmin',
  own_role: 'problem.ownRole',
  unavailable: 'problem.unavailable',
};

/** What went wrong and what to do, in one or two sentences. */
export function ProblemText({ error }: { readonly error: unknown }) {
  const t = useTexts();
  if (error instanceof ServerLostError) return <p>{t('problem.serverLost')}</p>;
  if (!(error instanceof ApiError)) return <p>{t('problem.page')}</p>;
  const { problem, status } = error;
  const key = problem === null ? undefined : TEXT_OF_CODE[problem.code];
  return (
    <>
      <p>{key === undefined ? (problem?.title ?? t('problem.status', { status })) : t(key)}</p>
      {problem?.errors?.map((issue) => (
        <p key={`${issue.path} ${issue.message}`}>
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
