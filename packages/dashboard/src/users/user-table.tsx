import { ROLES, type Role } from '@infoscreen/shared-types';
import { useState } from 'react';
import type { UserView, UserWithPassword } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { useUser } from '../session/use-user.ts';
import { useTexts } from '../texts/texts.ts';
import { TimeAgo } from '../time/time-ago.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { SelectField } from '../ui/select-field.tsx';

interface UserTableProps {
  readonly users: readonly UserView[];
  readonly onChanged: () => void;
  readonly onReset: (answer: UserWithPassword) => void;
}

type Change =
  | { readonly kind: 'role'; readonly user: UserView; readonly role: Role }
  | { readonly kind: 'disable' | 'enable' | 'reset'; readonly user: UserView };

export function UserTable({ users, onChanged, onReset }: UserTableProps) {
  const t = useTexts();
  const self = useUser();
  const [change, setChange] = useState<Change | null>(null);
  return (
    <>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t('login.username')}</th>
            <th scope="col">{t('users.role')}</th>
            <th scope="col">{t('users.state')}</th>
            <th scope="col">{t('users.lastLogin')}</th>
            <th scope="col">{t('users.actions')}</th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <UserRow key={user.id} user={user} isSelf={user.id === self.id} onWish={setChange} />
          ))}
        </tbody>
      </table>
      {change !== null && (
        <ConfirmDialog
          title={t(`users.ask.${change.kind}`, { name: change.user.username })}
          text={t(`users.consequence.${change.kind}`)}
          verb={t(`users.do.${change.kind}`)}
          onConfirm={async () => {
            const answer = await carryOut(change);
            if (answer === null) onChanged();
            else onReset(answer);
          }}
          onClose={() => setChange(null)}
        />
      )}
    </>
  );
}

async function carryOut(change: Change): Promise<UserWithPassword | null> {
  const path = `/api/users/${change.user.id}`;
  if (change.kind === 'reset') return callApi<UserWithPassword>(`${path}/reset_password`, { method: 'POST' });
  const body = change.kind === 'role' ? { role: change.role } : { disabled: change.kind === 'disable' };
  await callApi(path, { method: 'PATCH', body });
  return null;
}

interface UserRowProps {
  readonly user: UserView;
  readonly isSelf: boolean;
  readonly onWish: (change: Change) => void;
}

function UserRow({ user, isSelf, onWish }: UserRowProps) {
  const t = useTexts();
  const isDisabled = user.disabled_at !== null;
  return (
    <tr>
      <th scope="row" data-title={t('login.username')}>
        {user.username}
      </th>
      <td data-title={t('users.role')}>
        {isSelf ? (
          t(`role.${user.role}`)
        ) : (
          <SelectField
            label={t('users.roleOf', { name: user.username })}
            isLabelHidden
            value={user.role}
            options={ROLES.map((role) => [role, t(`role.${role}`)] as const)}
            onChange={(role) => onWish({ kind: 'role', user, role })}
          />
        )}
      </td>
      <td data-title={t('users.state')}>
        {t(isDisabled ? 'users.disabled' : user.must_change_password ? 'users.mustChange' : 'users.active')}
      </td>
      <td data-title={t('users.lastLogin')}>
        <TimeAgo at={user.last_login_at} />
      </td>
      <td data-title={t('users.actions')}>
        {isSelf ? (
          <span className="quiet">{t('users.self')}</span>
        ) : (
          <div className="button-row">
            <button
              type="button"
              className="button small"
              onClick={() => onWish({ kind: isDisabled ? 'enable' : 'disable', user })}
            >
              {t(isDisabled ? 'users.do.enable' : 'users.do.disable')}
            </button>
            <button type="button" className="button small" onClick={() => onWish({ kind: 'reset', user })}>
              {t('users.do.reset')}
            </button>
          </div>
        )}
      </td>
    </tr>
  );
}
