import { ROLES, type Role } from '@infoscreen/shared-types';
import { type FormEvent, useState } from 'react';
import type { UserWithPassword } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { useTexts } from '../texts/texts.ts';
import { Field } from '../ui/field.tsx';
import { ProblemText } from '../ui/problem-box.tsx';
import { SelectField } from '../ui/select-field.tsx';

export function NewUserForm({ onMade }: { readonly onMade: (answer: UserWithPassword) => void }) {
  const t = useTexts();
  const [username, setUsername] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    try {
      onMade(await callApi<UserWithPassword>('/api/users', { method: 'POST', body: { username, role } }));
      setUsername('');
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <form className="card inline-form" onSubmit={(event) => void submit(event)} aria-label={t('users.new')}>
      <Field
        label={t('login.username')}
        value={username}
        onChange={setUsername}
        autoComplete="off"
        required
      />
      <SelectField
        label={t('users.role')}
        value={role}
        options={ROLES.map((name) => [name, t(`role.${name}`)] as const)}
        onChange={setRole}
      />
      <button type="submit" className="button primary">
        {t('users.make')}
      </button>
      <div role="alert" className="form-error">
        {error !== null && <ProblemText error={error} />}
      </div>
    </form>
  );
}
