import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { ScreenDetail } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { useMay } from '../session/use-user.ts';
import { useTexts } from '../texts/texts.ts';
import { TimeAgo } from '../time/time-ago.tsx';
import { notify } from '../ui/notices.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';

/** What one must know before one believes what stands below, and what to do about it. */
export function ScreenNotes({ screen }: { readonly screen: ScreenDetail }) {
  const t = useTexts();
  return (
    <>
      {screen.suspended_until !== null && (
        <Note shape="⊘">
          {t('screen.suspended')} <TimeAgo at={screen.suspended_until} />
        </Note>
      )}
      {screen.status === 'unreachable' && (
        <Note shape="○">
          {t('screen.unreachable')} <TimeAgo at={screen.last_message_at} />
        </Note>
      )}
      {screen.status === 'never_seen' && <Note shape="?">{t('screen.neverSeen')}</Note>}
      {screen.recovery_exhausted && <ResetRecovery uuid={screen.uuid} />}
    </>
  );
}

function Note({ shape, children }: { readonly shape: string; readonly children: ReactNode }) {
  return (
    <p className="warning">
      <span aria-hidden="true">{shape}</span> {children}
    </p>
  );
}

function ResetRecovery({ uuid }: { readonly uuid: string }) {
  const t = useTexts();
  const queryClient = useQueryClient();
  const mayCommand = useMay('admin');
  const [error, setError] = useState<unknown>(null);
  if (!mayCommand) return null;
  const reset = async () => {
    setError(null);
    try {
      await callApi(`/api/clients/${uuid}/reset_recovery`, { method: 'POST' });
      notify(t('recovery.resetDone'));
    } catch (failure) {
      setError(failure);
    }
    void queryClient.invalidateQueries({ queryKey: ['screen', uuid] });
    void queryClient.invalidateQueries({ queryKey: ['crashed'] });
  };
  return (
    <>
      <p>
        <button type="button" className="button" onClick={() => void reset()}>
          {t('recovery.reset')}
        </button>
      </p>
      {error !== null && <ProblemBox error={error} />}
    </>
  );
}
