import type { CommandAction } from '@infoscreen/shared-types';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiError, problemCode } from '../api/api-error.ts';
import type { Command, ScreenDetail } from '../api/api-types.ts';
import { callApi, newIdempotencyKey } from '../api/call-api.ts';
import { serverNow } from '../api/server-link.ts';
import { screenName } from '../screens/screen-name.tsx';
import { useCountdown } from '../session/use-countdown.ts';
import { useLocale, useTexts } from '../texts/texts.ts';
import { durationText } from '../time/relative-time.ts';
import { TimeAgo } from '../time/time-ago.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { notify } from '../ui/notices.tsx';
import { ProblemText } from '../ui/problem-box.tsx';
import { lockoutOf } from './lockout-of.ts';

const SEGMENT = { restart_app: 'restart_app', reboot_host: 'restart', shutdown_host: 'shutdown' } as const;

interface CommandDialogProps {
  readonly screen: ScreenDetail;
  readonly action: CommandAction;
  readonly onClose: () => void;
}

/** Says what will happen, and asks once. */
export function CommandDialog({ screen, action, onClose }: CommandDialogProps) {
  const t = useTexts();
  const name = screenName(screen);
  const [reason, setReason] = useState('');
  const [typedName, setTypedName] = useState('');
  const { send, isSending, error, lockedSeconds } = useSending({ screen, action, onSent: onClose });
  const mustType = action === 'shutdown_host';
  const mayGo = !mustType || typedName.trim() === name;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (mayGo) void send(reason.trim());
  };
  return (
    <Dialog title={t(`ask.${action}`, { name })} onClose={onClose}>
      <form onSubmit={submit} className="stack">
        <p>{t(`consequence.${action}`)}</p>
        <Warnings screen={screen} />
        {mustType && (
          <Field
            label={t('dialog.typeName', { name })}
            value={typedName}
            onChange={setTypedName}
            autoComplete="off"
          />
        )}
        <Field label={t('dialog.reason')} value={reason} onChange={setReason} maxLength={500} />
        <div role="alert" className="form-error">
          {error !== null && <SendProblem error={error} />}
        </div>
        {lockedSeconds > 0 && <LockedFor seconds={lockedSeconds} isRefused={error !== null} />}
        <div className="dialog-buttons">
          <button type="button" className="button" data-first-focus onClick={onClose}>
            {t('dialog.cancel')}
          </button>
          <button type="submit" className="button danger" disabled={isSending || !mayGo || lockedSeconds > 0}>
            {isSending ? t('dialog.sending') : t(`action.${action}`)}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface LockedForProps {
  readonly seconds: number;
  /** One was sent and refused, and that is said already. */
  readonly isRefused: boolean;
}

function LockedFor({ seconds, isRefused }: LockedForProps) {
  const t = useTexts();
  const locale = useLocale();
  return (
    <>
      {!isRefused && (
        <p className="warning">
          <span aria-hidden="true">⊘</span> {t('lockout.now')}
        </p>
      )}
      <p className="countdown" role="timer">
        {t('lockout.freeIn', { time: durationText(seconds * 1000, locale) })}
      </p>
    </>
  );
}

function Warnings({ screen }: Pick<CommandDialogProps, 'screen'>) {
  const t = useTexts();
  return (
    <>
      {screen.status === 'unreachable' && (
        <p className="warning">
          <span aria-hidden="true">○</span> {t('dialog.unreachable')} <TimeAgo at={screen.last_message_at} />.{' '}
          {t('dialog.unreachableNext')}
        </p>
      )}
      {screen.status === 'never_seen' && (
        <p className="warning">
          <span aria-hidden="true">?</span> {t('dialog.neverSeen')}
        </p>
      )}
    </>
  );
}

function SendProblem({ error }: { readonly error: unknown }) {
  const t = useTexts();
  return problemCode(error) === 'safety_lockout' ? (
    <p>{t('lockout.blocked')}</p>
  ) : (
    <ProblemText error={error} />
  );
}

interface Sending {
  readonly screen: ScreenDetail;
  readonly action: CommandAction;
  readonly onSent: () => void;
}

function useSending({ screen, action, onSent }: Sending) {
  const t = useTexts();
  const queryClient = useQueryClient();
  // One intention: however often the button is pressed, it is one command. A refused one is over.
  const [key, setKey] = useState(newIdempotencyKey);
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const lockout = useCountdown();
  const freeAt = lockoutOf(screen, action)?.free_at ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `start` only sets a state
  useEffect(() => {
    if (freeAt !== null) lockout.start(Math.max(0, (Date.parse(freeAt) - serverNow()) / 1000));
  }, [freeAt]);
  const send = async (reason: string) => {
    setSending(true);
    setError(null);
    try {
      await callApi<{ command: Command }>(`/api/clients/${screen.uuid}/${SEGMENT[action]}`, {
        method: 'POST',
        body: reason === '' ? {} : { reason },
        idempotencyKey: key,
      });
      notify(t('dialog.sent', { action: t(`action.${action}`), name: screenName(screen) }));
      onSent();
    } catch (failure) {
      setError(failure);
      if (failure instanceof ApiError) setKey(newIdempotencyKey());
      if (problemCode(failure) === 'safety_lockout' && failure instanceof ApiError) {
        lockout.start(failure.retryAfterSeconds ?? 60);
      }
    } finally {
      setSending(false);
      void queryClient.invalidateQueries({ queryKey: ['screen', screen.uuid] });
      void queryClient.invalidateQueries({ queryKey: ['commands'] });
    }
  };
  return { send, isSending, error, lockedSeconds: lockout.seconds };
}
