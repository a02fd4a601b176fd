import type { UserView } from '@infoscreen/shared-types';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiError, problemCode, ServerLostError } from '../api/api-error.ts';
import { callApi } from '../api/call-api.ts';
import { onServerReturn } from '../api/server-link.ts';
import { useLocale, useTexts } from '../texts/texts.ts';
import { durationText } from '../time/relative-time.ts';
import { Field } from '../ui/field.tsx';
import { ProblemText } from '../ui/problem-box.tsx';
import { useCountdown } from './use-countdown.ts';

export function LogInForm({
  username: known = '',
  onLogin,
}: {
  readonly username?: string;
  readonly onLogin: (user: UserView) => void;
}) {
  const t = useTexts();
  const locale = useLocale();
  const [username, setUsername] = useState(known);
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const lockout = useCountdown();

  useEffect(
    () =>
      onServerReturn(() =>
        setError((before: unknown) => (before instanceof ServerLostError ? null : before)),
      ),
    [],
  );

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    setError(null);
    try {
      const body = { username, password };
      const { user } = await callApi<{ user: UserView }>('/api/auth/login', {
        method: 'POST',
        body,
        withoutSession: true,
      });
      onLogin(user);
    } catch (failure) {
      // Without an answer it may have been right.
      if (failure instanceof ApiError) setPassword('');
      setError(failure);
      form.querySelector<HTMLElement>('input[type="password"]')?.focus();
      if (failure instanceof ApiError && failure.status === 429)
        lockout.start(failure.retryAfterSeconds ?? 60);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)} className="stack">
      <Field
        label={t('login.username')}
        value={username}
        onChange={setUsername}
        autoComplete="username"
        autoFocus={known === ''}
        required
      />
      <Field
        label={t('login.password')}
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="current-password"
        autoFocus={known !== ''}
        data-first-focus={known === '' ? undefined : true}
        required
      />
      <div role="alert" className="form-error">
        {error !== null && lockout.seconds === 0 && problemCode(error) !== 'too_many_attempts' && (
          <LoginProblem error={error} />
        )}
        {lockout.seconds > 0 && <p>{t('login.locked')}</p>}
      </div>
      {lockout.seconds > 0 && (
        // Beside the alert, not in it: a screen reader isn't told every second.
        <p className="countdown" role="timer">
          {t('login.lockedFor', { time: durationText(lockout.seconds * 1000, locale) })}
        </p>
      )}
      <button type="submit" className="button primary" disabled={isBusy || lockout.seconds > 0}>
        {isBusy ? t('login.busy') : t('login.submit')}
      </button>
    </form>
  );
}

function LoginProblem({ error }: { readonly error: unknown }) {
  const t = useTexts();
  if (problemCode(error) === 'invalid_credentials') return <p>{t('login.wrong')}</p>;
  return <ProblemText error={error} />;
}
