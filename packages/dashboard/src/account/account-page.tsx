import { useState } from 'react';
import { NewPasswordForm } from '../session/new-password-form.tsx';
import { noteLogin } from '../session/session-state.ts';
import { useUser } from '../session/use-user.ts';
import { useTexts } from '../texts/texts.ts';
import { LanguageChoice, ThemeChoice } from '../ui/choices.tsx';
import { notify } from '../ui/notices.tsx';
import { usePageTitle } from '../ui/page-title.ts';
import { OwnSessions } from './own-sessions.tsx';
import { OwnTokens } from './own-tokens.tsx';

export function AccountPage() {
  const t = useTexts();
  const user = useUser();
  usePageTitle(t('account.title'));
  const [isChanging, setChanging] = useState(false);
  return (
    <>
      <h1>{t('account.title')}</h1>
      <p>
        {user.username} · {t(`role.${user.role}`)}
      </p>
      <section className="card" aria-labelledby="look-title">
        <h2 id="look-title">{t('account.look')}</h2>
        <div className="button-row">
          <LanguageChoice />
          <ThemeChoice />
        </div>
      </section>
      <section className="card" aria-labelledby="password-title">
        <h2 id="password-title">{t('password.title')}</h2>
        {isChanging ? (
          <div className="narrow">
            <NewPasswordForm
              user={user}
              onChanged={(changed) => {
                setChanging(false);
                notify(t('password.changed'));
                noteLogin(changed);
              }}
            />
          </div>
        ) : (
          <button type="button" className="button" onClick={() => setChanging(true)}>
            {t('password.submit')}
          </button>
        )}
      </section>
      <OwnSessions />
      <OwnTokens />
    </>
  );
}
