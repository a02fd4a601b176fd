import { MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARACTERS, type UserView } from '@infoscreen/shared-types';
import { type FormEvent, useState } from 'react';
import { ApiError, problemCode } from '../api/api-error.ts';
import { callApi } from '../api/call-api.ts';
import { useTexts } from '../texts/texts.ts';
import { Field } from '../ui/field.tsx';
import { ProblemText } from '../ui/problem-box.tsx';

export function NewPasswordForm({
  user,
  onChanged,
}: {
  readonly user: UserView;
  readonly onChanged: (user: UserView) => void;
}) {
  const t = useTexts();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const differs = again !== '' && next !== again;
  const isTooLong = new TextEncoder().encode(next).length > MAX_PASSWORD_BYTES;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (next !== again || isTooLong) return;
    setBusy(true);
    setError(null);
    try {
      const answer = await callApi<{ user: UserView }>('/api/auth/change-password', {
        method: 'POST',
        body: { current_password: current, new_password: next },
      });
      setCurrent('');
      setNext('');
      setAgain('');
      onChanged(answer.user);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)} className="stack">
      {/* For password managers: whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={user.username} readOnly hidden />
      <Field
        label={t('password.current')}
        type="password"
        value={current}
        onChange={setCurrent}
        autoComplete="current-password"
        required
      />
      <Field
        label={t('password.new')}
        hint={t('password.rule', { count: MIN_PASSWORD_CHARACTERS })}
        type="password"
        value={next}
        onChange={setNext}
        autoComplete="new-password"
        minLength={MIN_PASSWORD_CHARACTERS}
        required
      />
      <Field
        label={t('password.again')}
        type="password"
        value={again}
        onChange={setAgain}
        autoComplete="new-password"
        required
      />
      <div role="alert" className="form-error">
        {isTooLong && <p>{t('password.tooLong')}</p>}
        {differs && <p>{t('password.differs')}</p>}
        {error !== null && <PasswordProblem error={error} />}
      </div>
      <button type="submit" className="button primary" disabled={isBusy || differs || isTooLong}>
        {t('password.submit')}
      </button>
    </form>
  );
}

function PasswordProblem({ error }: { readonly error: unknown }) {
  const t = useTexts();
  if (problemCode(error) === 'invalid_credentials') return <p>{t('password.wrongCurrent')}</p>;
  const issues = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
  // The form holds to every other rule itself.
  if (issues.some(({ path }) => path === 'new_password')) return <p>{t('password.weak')}</p>;
  return <ProblemText error={error} />;
}
