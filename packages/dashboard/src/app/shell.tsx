import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { NavLink, useLocation } from 'react-router';
import { problemCode } from '../api/api-error.ts';
import { callApi } from '../api/call-api.ts';
import { useLive } from '../live/use-live.ts';
import { noteLogout } from '../session/session-state.ts';
import { useMay, useUser } from '../session/use-user.ts';
import { useTexts } from '../texts/texts.ts';
import { LanguageChoice, ThemeChoice } from '../ui/choices.tsx';
import { LiveBadge } from '../ui/live-badge.tsx';
import { LostServerNotice } from '../ui/lost-server-notice.tsx';
import { Notices, notify } from '../ui/notices.tsx';

/** What is around every view: where one can go, how fresh it is, who one is. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const t = useTexts();
  useLive();
  const main = useFocusOnNewView();
  return (
    <>
      <a className="skip-link" href="#main">
        {t('app.skip')}
      </a>
      <header className="top-bar">
        <NavLink to="/" className="brand" aria-label={t('app.name')}>
          <img src="/icon.svg" alt="" width="24" height="24" />{' '}
          <span className="brand-name">{t('app.name')}</span>
        </NavLink>
        <Navigation />
        <div className="top-right">
          <LiveBadge />
          <LanguageChoice />
          <ThemeChoice />
          <Account />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <LostServerNotice />
        {children}
      </main>
      <Notices />
    </>
  );
}

function Navigation() {
  const t = useTexts();
  const isSuperadmin = useMay('superadmin');
  return (
    <nav aria-label={t('nav.label')}>
      <NavLink to="/" end>
        {t('nav.overview')}
      </NavLink>
      <NavLink to="/screens">{t('nav.screens')}</NavLink>
      <NavLink to="/commands">{t('nav.commands')}</NavLink>
      {isSuperadmin && <NavLink to="/audit">{t('nav.audit')}</NavLink>}
      {isSuperadmin && <NavLink to="/users">{t('nav.users')}</NavLink>}
    </nav>
  );
}

function Account() {
  const t = useTexts();
  const user = useUser();
  const queryClient = useQueryClient();
  const logOut = async () => {
    try {
      await callApi('/api/auth/logout', { method: 'POST', withoutSession: true });
    } catch (error) {
      if (problemCode(error) !== 'not_authenticated') {
        notify(t('nav.logoutFailed'));
        return;
      }
    }
    queryClient.clear();
    noteLogout();
  };
  return (
    <>
      <NavLink to="/account" className="account-link" aria-label={t('nav.account', { name: user.username })}>
        {user.username}
      </NavLink>
      <button type="button" className="button small" onClick={() => void logOut()}>
        {t('nav.logout')}
      </button>
    </>
  );
}

/** A new view begins at its top, for the eyes and for the keyboard alike; a mere change of filters doesn't. */
function useFocusOnNewView() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}
