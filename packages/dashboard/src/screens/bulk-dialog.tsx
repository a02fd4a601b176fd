import { isEnd } from '@infoscreen/shared-types';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Command } from '../api/api-types.ts';
import { callApi, newIdempotencyKey } from '../api/call-api.ts';
import { CommandStatusBadge } from '../status/status-badge.tsx';
import { useTexts } from '../texts/texts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { ProblemText } from '../ui/problem-box.tsx';
import { ScreenLink, screenName } from './screen-name.tsx';
import type { Chosen } from './selection.tsx';
import { type BulkItem, type BulkRequest, sendBulk } from './send-bulk.ts';

const NAMED_AT_MOST = 5;
const MAX_STATUS_PAGES = 20;

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

  const send = async () => {
    setItems([]);
    setStartedAt(new Date(Date.now() - 60_000).toISOString());
    const uuids = targets.map(({ uuid }) => uuid);
    await sendBulk({ action, uuids, reason: reason.trim(), key }, (more) =>
      setItems((before) => [...(before ?? []), ...more]),
    );
    setDone(true);
    void queryClient.invalidateQueries({ queryKey: ['commands'] });
  };

  if (items === null) {
    return (
      <Dialog title={t(`bulk.ask.${action}`, { count })} onClose={onClose}>
        <p>{t(`consequence.${action}`)}</p>
        <p className="quiet">{namesOf(targets, t)}</p>
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
    <Dialog title={t(`bulk.doing.${action}`, { count })} onClose={onClose}>
      <BulkProgress targets={targets} items={items} startedAt={startedAt} isSent={isDone} />
      <div className="dialog-buttons">
        <button type="button" className="button" onClick={onClose}>
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

interface BulkProgressProps {
  readonly targets: readonly Chosen[];
  readonly items: readonly BulkItem[];
  readonly startedAt: string;
  readonly isSent: boolean;
}

function BulkProgress({ targets, items, startedAt, isSent }: BulkProgressProps) {
  const t = useTexts();
  const latest = useLatest(startedAt, items.length);
  const byUuid = new Map(items.map((item) => [item.client_uuid, item]));
  const commandOf = (item: BulkItem | undefined) =>
    item?.command == null ? null : (latest.get(item.command.commandId) ?? item.command);
  const ended = items.filter((item) => {
    const command = commandOf(item);
    return command === null || isEnd(command.status);
  }).length;
  return (
    <>
      <progress value={ended} max={targets.length} aria-label={t('bulk.progressLabel')} />
      <p role="status">
        {isSent
          ? t('bulk.progress', { done: ended, count: targets.length })
          : t('bulk.sending', { done: items.length, count: targets.length })}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="bulk-results" tabIndex={0} aria-label={t('bulk.results')}>
        <ul>
          {targets.map((target) => {
            const item = byUuid.get(target.uuid);
            return (
              <li key={target.uuid}>
                <ScreenLink {...target} /> <Outcome item={item} command={commandOf(item)} />
              </li>
            );
          })}
        </ul>
      </section>
    </>
  );
}

function Outcome({
  item,
  command,
}: {
  readonly item: BulkItem | undefined;
  readonly command: Command | null;
}) {
  const t = useTexts();
  if (item === undefined) return <span className="quiet">{t('bulk.waiting')}</span>;
  if (item.outcome === 'failed') return <ProblemText error={item.error} />;
  if (command !== null) return <CommandStatusBadge status={command.status} />;
  return (
    <span>
      {t(item.outcome === 'blocked_safety' ? 'commandStatus.blocked_safety' : 'problem.screenNotFound')}
    </span>
  );
}

/** The commands of the last minutes by id, from as few questions as there are pages; asked again with each event. */
function useLatest(startedAt: string, sent: number): ReadonlyMap<string, Command> {
  const query = useQuery({
    queryKey: ['commands', 'since', startedAt],
    queryFn: ({ signal }) => readSince(startedAt, sent, signal),
    enabled: startedAt !== '' && sent > 0,
    refetchInterval: 3_000,
    placeholderData: (before) => before,
  });
  return query.data ?? new Map();
}

async function readSince(
  from: string,
  wanted: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Command>> {
  const found = new Map<string, Command>();
  let cursor: string | null = null;
  for (let page = 0; page < MAX_STATUS_PAGES; page += 1) {
    type Answer = { items: Command[]; nextCursor: string | null };
    const answer: Answer = await callApi<Answer>('/api/commands', {
      query: { from, limit: 200, cursor },
      signal,
    });
    for (const command of answer.items) found.set(command.commandId, command);
    cursor = answer.nextCursor;
    if (cursor === null || found.size >= wanted * 3) break;
  }
  return found;
}
