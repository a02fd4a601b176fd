import type { Finding } from '../books/finding.ts';
import type { Records } from '../books/records.ts';
import type { FaultRecord } from '../faults/fault-kinds.ts';

interface Line {
  readonly at: number;
  readonly text: string;
}

/** Faults this long before and after what went wrong belong to its story. */
const NEAR_MS = 20_000;
const MOST_LINES = 80;

/** One finding, told in the order of time: what the services, the screen and the faults did around it. */
export function tellStory(finding: Finding, records: Records, faults: readonly FaultRecord[]): string {
  const lines = [
    ...commandLines(finding, records),
    ...(finding.at === undefined ? [] : [{ at: finding.at, text: 'here it went wrong' }]),
  ];
  const times = lines.map(({ at }) => at);
  const from = Math.min(...times) - NEAR_MS;
  const to = Math.max(...times) + NEAR_MS;
  const near = faults.filter(({ startedAt, endedAt }) => endedAt >= from && startedAt <= to);
  const all = [
    ...lines,
    ...near.flatMap(({ kind, target, startedAt, endedAt }) => [
      { at: startedAt, text: `FAULT ${kind} of ${target}` },
      { at: endedAt, text: `      ${kind} of ${target} is over` },
    ]),
  ];
  return [
    `${finding.rule}: ${finding.detail}`,
    `  command ${finding.commandId ?? '–'}, client ${finding.clientUuid ?? '–'}`,
    ...all
      .sort((one, other) => one.at - other.at)
      .slice(0, MOST_LINES)
      .map(({ at, text }) => `  ${new Date(at).toISOString().slice(11, 23)}  ${text}`),
  ].join('\n');
}

function commandLines({ commandId, clientUuid }: Finding, records: Records): Line[] {
  if (commandId === undefined) return [];
  const { screens } = records;
  const isIt = (record: { readonly commandId: string }) => record.commandId === commandId;
  const stored = records.stored.find(isIt);
  return [
    ...records.accepted.filter(isIt).map(({ acceptedAt, action, isCancelled }) => ({
      at: acceptedAt,
      text: `the API answered 202: ${action}${isCancelled ? ', and cancelled it' : ''}`,
    })),
    ...(stored?.timeline ?? []).map(({ at, kind, from, to, source, actor, detail }) => ({
      at,
      text: `database: ${kind} ${from ?? 'new'} → ${to} by ${source} ${actor}${detail === null ? '' : ` (${detail})`}`,
    })),
    ...(stored === undefined ? [] : [{ at: stored.expiresAt, text: 'its expires_at' }]),
    ...screens.executions.filter(isIt).map(({ at }) => ({ at, text: 'screen: ran it' })),
    ...screens.said.filter(isIt).map(({ at, status }) => ({ at, text: `screen: said ${status}` })),
    ...screens.acks.filter(isIt).map(({ takenAt, status }) => ({
      at: takenAt[0] ?? 0,
      text: `broker: took ACK ${status}, ${takenAt.length} times`,
    })),
    ...screens.boots
      .filter((boot) => boot.clientUuid === clientUuid && boot.at > (stored?.createdAt ?? 0) - NEAR_MS)
      .map(({ at }) => ({ at, text: 'screen: booted' })),
  ];
}
