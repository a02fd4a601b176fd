import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SessionView } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { noteLogout } from '../session/session-state.ts';
import { useTexts } from '../texts/texts.ts';
import { TimeAgo } from '../time/time-ago.tsx';
import { PagesView } from '../ui/pages-view.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { usePages } from '../ui/use-pages.ts';
import { browserName } from './browser-name.ts';

/** Where one is logged in, and how to end it. */
export function OwnSessions() {
  const t = useTexts();
  const queryClient = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const list = usePages<SessionView>('/api/auth/sessions', ['sessions'], { limit: 50 });
  const end = async (session: SessionView) => {
    setError(null);
    try {
      await callApi(`/api/auth/sessions/${session.id}`, { method: 'DELETE' });
      if (session.current) {
        queryClient.clear();
        noteLogout();
        return;
      }
    } catch (failure) {
      setError(failure);
    }
    void queryClient.invalidateQueries({ queryKey: ['sessions'] });
  };
  return (
    <section className="card" aria-labelledby="sessions-title">
      <h2 id="sessions-title">{t('sessions.title')}</h2>
      {error !== null && <ProblemBox error={error} />}
      <PagesView list={list} empty={<p className="quiet">{t('sessions.none')}</p>}>
        {(sessions) => (
          <ul className="history-list">
            {sessions.map((session) => (
              <li key={session.id} className="spread">
                <div>
                  <strong>{session.current ? t('sessions.current') : (session.ip ?? '–')}</strong>{' '}
                  <span className="quiet break" title={session.user_agent ?? ''}>
                    {browserName(session.user_agent ?? '')}
                  </span>
                  <div className="quiet">
                    {t('sessions.loggedIn')} <TimeAgo at={session.logged_in_at} /> · {t('sessions.lastUsed')}{' '}
                    <TimeAgo at={session.last_used_at} />
                  </div>
                </div>
                <button type="button" className="button small" onClick={() => void end(session)}>
                  {t(session.current ? 'nav.logout' : 'sessions.end')}
                </button>
              </li>
            ))}
          </ul>
        )}
      </PagesView>
    </section>
  );
}
