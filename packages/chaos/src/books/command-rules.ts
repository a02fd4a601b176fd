import { type CommandStatus, isEnd, LIFECYCLE_EVENTS, nextStatus } from '@infoscreen/shared-types';
import type { Finding } from './finding.ts';
import type { AcceptedCommand, StoredCommand, StoredEvent } from './records.ts';

/** Every command that was answered with 202 is in the database. */
export function acceptedIsStored(
  accepted: readonly AcceptedCommand[],
  stored: ReadonlyMap<string, StoredCommand>,
): Finding[] {
  return accepted
    .filter(({ commandId }) => !stored.has(commandId))
    .map(({ commandId, clientUuid, acceptedAt }) => ({
      rule: 'accepted_is_stored',
      commandId,
      clientUuid,
      at: acceptedAt,
      detail: 'it was answered with 202 and is not in the database',
    }));
}

/** However often a request was repeated with its key, it made one command, and every answer named that one. */
export function oneCommandPerRequest(
  accepted: readonly AcceptedCommand[],
  stored: readonly StoredCommand[],
): Finding[] {
  const idsOfKey = new Map<string, Set<string>>();
  const note = (key: string, commandId: string) =>
    idsOfKey.set(key, (idsOfKey.get(key) ?? new Set()).add(commandId));
  for (const { key, commandId } of accepted) note(key, commandId);
  for (const { reason, commandId } of stored) if (reason !== null) note(reason, commandId);
  return [...idsOfKey]
    .filter(([, ids]) => ids.size > 1)
    .map(([key, ids]) => ({
      rule: 'one_command_per_request',
      commandId: [...ids][0] as string,
      detail: `one request, ${key}, made ${ids.size} commands: ${[...ids].join(', ')}`,
    }));
}

/** Every command is that of a request, and has what the request said. */
export function somebodyAskedForIt(
  stored: readonly StoredCommand[],
  requested: ReadonlySet<string>,
): Finding[] {
  return stored
    .filter(({ reason }) => reason === null || !requested.has(reason))
    .map((command) => ({
      ...about(command, 'somebody_asked_for_it', `its reason, ${command.reason}, is that of no request`),
      at: command.createdAt,
    }));
}

/** Exactly one step of the timeline leads into an end, it is the last one, and it is the end that the row shows. */
export function oneEnd(command: StoredCommand): Finding[] {
  const steps = transitionsOf(command);
  const ends = steps.filter(({ to }) => isEnd(to));
  const problem = !isEnd(command.status)
    ? `it never ended and is ${command.status}`
    : ends.length !== 1
      ? `${ends.length} steps of its timeline lead into an end`
      : steps.at(-1)?.to !== command.status
        ? `its row says ${command.status}, its timeline ends with ${steps.at(-1)?.to}`
        : undefined;
  return problem === undefined ? [] : [about(command, 'one_end', problem)];
}

/** The timeline begins where a command may begin, has no gap, and each step is one of the table's. */
export function legalTimeline(command: StoredCommand): Finding[] {
  let before: CommandStatus | null = null;
  for (const { from, to, at } of transitionsOf(command)) {
    if (from !== before)
      return [{ ...about(command, 'legal_timeline', `a step from ${from} follows one to ${before}`), at }];
    if (!isLegalStep(from, to))
      return [{ ...about(command, 'legal_timeline', `the table knows no step ${from} → ${to}`), at }];
    before = to;
  }
  return before === null ? [about(command, 'legal_timeline', 'its timeline is empty')] : [];
}

function isLegalStep(from: CommandStatus | null, to: CommandStatus): boolean {
  if (from === null) return to === 'queued' || to === 'blocked_safety';
  return LIFECYCLE_EVENTS.some((event) => nextStatus(from, event) === to);
}

export function transitionsOf(command: StoredCommand): readonly StoredEvent[] {
  return command.timeline.filter(({ kind }) => kind === 'transition');
}

export function about(
  { commandId, clientUuid }: Pick<StoredCommand, 'commandId' | 'clientUuid'>,
  rule: Finding['rule'],
  detail: string,
): Finding {
  return { rule, commandId, clientUuid, detail };
}
