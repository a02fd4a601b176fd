import { COMMAND_STATUSES, type CommandStatus, isEnd } from '@infoscreen/shared-types';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { Command } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { CommandStatusBadge } from '../status/status-badge.tsx';
import { useTexts } from '../texts/texts.ts';
import { ProblemText } from '../ui/problem-box.tsx';
import { ScreenLink } from './screen-name.tsx';
import type { Chosen } from './selection.tsx';
import type { BulkItem, BulkRequest } from './send-bulk.ts';

const MAX_STATUS_PAGES = 30;

interface BulkProgressProps {
  readonly action: BulkRequest['action'];
  readonly targets: readonly Chosen[];
  readonly items: readonly BulkItem[];
  readonly startedAt: string;
  readonly isSent: boolean;
}

/** How many of them have come to which state, and each by its name. */
export function BulkProgress({ action, targets, items, startedAt, isSent }: BulkProgressProps) {
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
      <Summary commands={items.map(commandOf)} />
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
      <p>
        <Link to={`/commands?action=${action}`}>{t('bulk.commands')}</Link>
      </p>
    </>
  );
}

/** Of 500 screens, the one that failed is found here. */
function Summary({ commands }: { readonly commands: readonly (Command | null)[] }) {
  const t = useTexts();
  const count = (status: CommandStatus) => commands.filter((command) => command?.status === status).length;
  const refused = commands.filter((command) => command === null).length;
  return (
    <ul className="bulk-summary">
      {COMMAND_STATUSES.filter((status) => count(status) > 0).map((status) => (
        <li key={status}>
          {count(status)} <CommandStatusBadge status={status} />
        </li>
      ))}
      {refused > 0 && (
        <li>
          {refused} {t('bulk.refused')}
        </li>
      )}
    </ul>
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
