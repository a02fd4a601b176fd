import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { newIdempotencyKey } from '../api/call-api.ts';
import { serverNow } from '../api/server-link.ts';
import { useTexts } from '../texts/texts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { BulkProgress } from './bulk-progress.tsx';
import { screenName } from './screen-name.tsx';
import type { Chosen } from './selection.tsx';
import { type BulkItem, type BulkRequest, sendBulk } from './send-bulk.ts';

const NAMED_AT_MOST = 5;

interface BulkDialogProps {
  readonly action: BulkRequest['action'];
  readonly chosen: readonly Chosen[];
  readonly onClose: () => void;
}

/** Asks once, naming how many; then shows how each of them fares. */
export function BulkDialog({ action, chosen, onClose }: BulkDialogProps) {
  const t = useTexts();
  // The list as it was when one was asked: what is chosen meanwhile isn't commanded.
  const [targets] = useState(chosen);
  const [key] = useState(newIdempotencyKey);
  const [reason, setReason] = useState('');
  const [items, setItems] = useState<readonly BulkItem[] | null>(null);
  const [isDone, setDone] = useState(false);
  const [startedAt, setStartedAt] = useState('');
  const queryClient = useQueryClient();
  const count = targets.length;
  const unreachable = targets.filter(
    ({ status }) => status === 'unreachable' || status === 'never_seen',
  ).length;

  const send = async () => {
    setItems([]);
    setStartedAt(new Date(serverNow() - 60_000).toISOString());
    const uuids = targets.map(({ uuid }) => uuid);
    await sendBulk({ action, uuids, reason: reason.trim(), key }, (more) =>
      setItems((before) => [...(before ?? []), ...more]),
    );
    setDone(true);
    void queryClient.invalidateQueries({ queryKey: ['commands'] });
  };

  if (items === null) {
    return (
      <Dialog key="question" title={t(`bulk.ask.${action}`, { count })} onClose={onClose}>
        <p>{t(`consequence.${action}`)}</p>
        <p className="quiet">{namesOf(targets, t)}</p>
        {unreachable > 0 && (
          <p className="warning">
            <span aria-hidden="true">○</span> {t('bulk.unreachable', { count: unreachable })}
          </p>
        )}
        <Field label={t('dialog.reason')} value={reason} onChange={setReason} maxLength={500} />
        <div className="dialog-buttons">
          <button type="button" className="button" data-first-focus onClick={onClose}>
            {t('dialog.cancel')}
          </button>
          <button type="button" className="button danger" onClick={() => void send()}>
            {t(`bulk.do.${action}`, { count })}
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog key="progress" title={t(`bulk.doing.${action}`, { count })} onClose={onClose}>
      <BulkProgress action={action} targets={targets} items={items} startedAt={startedAt} isSent={isDone} />
      <div className="dialog-buttons">
        <button type="button" className="button" data-first-focus onClick={onClose}>
          {t('dialog.close')}
        </button>
      </div>
    </Dialog>
  );
}

function namesOf(targets: readonly Chosen[], t: ReturnType<typeof useTexts>): string {
  const names = targets.slice(0, NAMED_AT_MOST).map(screenName).join(', ');
  const rest = targets.length - NAMED_AT_MOST;
  return rest > 0 ? t('bulk.andMore', { names, count: rest }) : names;
}
