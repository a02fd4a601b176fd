import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { UserView, UserWithPassword } from '../api/api-types.ts';
import { useMay } from '../session/use-user.ts';
import { useTexts } from '../texts/texts.ts';
import { Empty } from '../ui/empty.tsx';
import { usePageTitle } from '../ui/page-title.ts';
import { PagesView } from '../ui/pages-view.tsx';
import { ShownOnce } from '../ui/shown-once.tsx';
import { usePages } from '../ui/use-pages.ts';
import { NewUserForm } from './new-user-form.tsx';
import { UserTable } from './user-table.tsx';

export function UsersPage() {
  const t = useTexts();
  usePageTitle(t('users.title'));
  const isAllowed = useMay('superadmin');
  return (
    <>
      <h1>{t('users.title')}</h1>
      {isAllowed ? <Users /> : <Empty title={t('problem.forbidden')} />}
    </>
  );
}

function Users() {
  const t = useTexts();
  const queryClient = useQueryClient();
  const list = usePages<UserView>('/api/users', ['users'], { limit: 200 });
  const [made, setMade] = useState<UserWithPassword | null>(null);
  const refresh = () => void queryClient.invalidateQueries({ queryKey: ['users'] });
  const show = (answer: UserWithPassword) => {
    refresh();
    if (answer.password !== null) setMade(answer);
  };
  return (
    <>
      <NewUserForm onMade={show} />
      <PagesView list={list} empty={<Empty title={t('users.none')} />}>
        {(users) => (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
          <section className="wide-table card-table middle" tabIndex={0} aria-label={t('users.title')}>
            <UserTable users={users} onChanged={refresh} onReset={show} />
          </section>
        )}
      </PagesView>
      {made !== null && (
        <ShownOnce
          title={t('users.passwordTitle', { name: made.user.username })}
          text={t('users.passwordText')}
          secret={made.password ?? ''}
          onClose={() => setMade(null)}
        />
      )}
    </>
  );
}
