import type { UserView } from '@infoscreen/shared-types';
import { type ReactNode, useEffect, useState } from 'react';
import { problemCode } from '../api/api-error.ts';
import { callApi } from '../api/call-api.ts';
import { onServerReturn } from '../api/server-link.ts';
import { useStore } from '../state/store.ts';
import { useTexts } from '../texts/texts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { usePageTitle } from '../ui/page-title.ts';
import { ProblemBox } from '../ui/problem-box.tsx';
import { EntryPage } from './entry-page.tsx';
import { LogInForm } from './log-in-form.tsx';
import { NewPasswordForm } from './new-password-form.tsx';
import { noteLogin, noteLogout, sessionState } from './session-state.ts';

async function findOut(): Promise<void> {
  try {
    const { user } = await callApi<{ user: UserView }>('/api/auth/me', { withoutSession: true });
    noteLogin(user);
  } catch (error) {
    if (problemCode(error) !== 'not_authenticated') throw error;
    noteLogout();
  }
}

/** Shows the page to who is logged in; everybody else logs in first. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const t = useTexts();
  const state = useStore(sessionState);
  const [error, setError] = useState<unknown>(null);

  useEffect(() => {
    const ask = () => {
      setError(null);
      findOut().catch(setError);
    };
    ask();
    return onServerReturn(() => {
      if (sessionState.get().kind === 'unknown') ask();
    });
  }, []);

  if (state.kind === 'unknown') {
    return (
      <EntryPage title={t('app.name')}>
        {error === null ? (
          <p role="status">{t('app.loading')}</p>
        ) : (
          <ProblemBox error={error} onRetry={() => void findOut().catch(setError)} />
        )}
      </EntryPage>
    );
  }
  if (state.kind === 'out') return <LogInPage />;
  if (state.user.must_change_password) {
    return (
      <EntryPage title={t('password.title')}>
        <p>{t('password.required', { name: state.user.username })}</p>
        <NewPasswordForm user={state.user} onChanged={noteLogin} />
      </EntryPage>
    );
  }
  return (
    <>
      {children}
      {state.kind === 'ended' && (
        <Dialog title={t('login.endedTitle')}>
          <p>{t('login.ended', { name: state.user.username })}</p>
          <LogInForm username={state.user.username} onLogin={noteLogin} />
        </Dialog>
      )}
    </>
  );
}

function LogInPage() {
  const t = useTexts();
  usePageTitle(t('login.title'));
  return (
    <EntryPage title={t('login.title')}>
      <LogInForm onLogin={noteLogin} />
    </EntryPage>
  );
}
