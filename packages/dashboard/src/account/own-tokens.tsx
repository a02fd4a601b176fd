import { hasRole, ROLES, type Role } from '@infoscreen/shared-types';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ApiTokenView, CreatedApiToken } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { useUser } from '../session/use-user.ts';
import { useTexts } from '../texts/texts.ts';
import { TimeAgo } from '../time/time-ago.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Field } from '../ui/field.tsx';
import { PagesView } from '../ui/pages-view.tsx';
import { ProblemText } from '../ui/problem-box.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { ShownOnce } from '../ui/shown-once.tsx';
import { usePages } from '../ui/use-pages.ts';

/** API tokens: with which programs act for their owner. */
export function OwnTokens() {
  const t = useTexts();
  const queryClient = useQueryClient();
  const list = usePages<ApiTokenView>('/api/tokens', ['tokens'], { limit: 50 });
  const [made, setMade] = useState<CreatedApiToken | null>(null);
  const [revoked, setRevoked] = useState<ApiTokenView | null>(null);
  const refresh = () => void queryClient.invalidateQueries({ queryKey: ['tokens'] });
  return (
    <section className="card" aria-labelledby="tokens-title">
      <h2 id="tokens-title">{t('tokens.title')}</h2>
      <NewTokenForm
        onMade={(answer) => {
          setMade(answer);
          refresh();
        }}
      />
      <PagesView list={list} empty={<p className="quiet">{t('tokens.none')}</p>}>
        {(tokens) => (
          <ul className="history-list">
            {tokens.map((token) => (
              <TokenLine key={token.id} token={token} onRevoke={() => setRevoked(token)} />
            ))}
          </ul>
        )}
      </PagesView>
      {made !== null && (
        <ShownOnce
          title={t('tokens.madeTitle', { name: made.token.name })}
          text={t('tokens.madeText')}
          secret={made.secret}
          onClose={() => setMade(null)}
        />
      )}
      {revoked !== null && (
        <ConfirmDialog
          title={t('tokens.askRevoke', { name: revoked.name })}
          text={t('tokens.consequence')}
          verb={t('tokens.revoke')}
          onConfirm={async () => {
            await callApi(`/api/tokens/${revoked.id}`, { method: 'DELETE' });
            refresh();
          }}
          onClose={() => setRevoked(null)}
        />
      )}
    </section>
  );
}

function TokenLine({ token, onRevoke }: { readonly token: ApiTokenView; readonly onRevoke: () => void }) {
  const t = useTexts();
  const isOver = token.revoked_at !== null || Date.parse(token.expires_at) < Date.now();
  return (
    <li className="spread">
      <div>
        <strong>{token.name}</strong>{' '}
        <span className="quiet">
          ({t(`role.${token.role}`)}, {token.owner})
        </span>
        <div className="quiet">
          {t(token.revoked_at === null ? 'tokens.expires' : 'tokens.revokedAt')}{' '}
          <TimeAgo at={token.revoked_at ?? token.expires_at} /> · {t('sessions.lastUsed')}{' '}
          <TimeAgo at={token.last_used_at} />
        </div>
      </div>
      {!isOver && (
        <button type="button" className="button small" onClick={onRevoke}>
          {t('tokens.revoke')}
        </button>
      )}
    </li>
  );
}

function NewTokenForm({ onMade }: { readonly onMade: (answer: CreatedApiToken) => void }) {
  const t = useTexts();
  const user = useUser();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState('90');
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    try {
      const body = { name, role, expires_in_days: Number(days) };
      onMade(await callApi<CreatedApiToken>('/api/tokens', { method: 'POST', body }));
      setName('');
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <form className="inline-form" onSubmit={(event) => void submit(event)} aria-label={t('tokens.new')}>
      <Field label={t('tokens.name')} value={name} onChange={setName} maxLength={100} required />
      <SelectField
        label={t('users.role')}
        value={role}
        options={ROLES.filter((one) => hasRole(user.role, one)).map(
          (one) => [one, t(`role.${one}`)] as const,
        )}
        onChange={setRole}
      />
      <Field
        label={t('tokens.days')}
        type="number"
        min={1}
        max={365}
        value={days}
        onChange={setDays}
        required
      />
      <button type="submit" className="button primary">
        {t('tokens.make')}
      </button>
      <div role="alert" className="form-error">
        {error !== null && <ProblemText error={error} />}
      </div>
    </form>
  );
}
