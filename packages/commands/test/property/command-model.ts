import type { AckStatus, CommandStatus } from '@infoscreen/shared-types';
import type { Next, Process, Step } from './explore-interleavings.ts';

/** One command, told as simply as it can be. Nothing here is derived from the table of transitions. */
export interface CommandModel {
  readonly status: CommandStatus;
  readonly errorCode: string | null;
  readonly lateOutcome: AckStatus | null;
  readonly attempt: number;
  readonly isLegacy: boolean;
  readonly isLeaseLapsed: boolean;
  /** Its time to be sent (again) has come. */
  readonly isDue: boolean;
  readonly isStartOverdue: boolean;
  readonly hasResultTime: boolean;
  readonly isResultOverdue: boolean;
  /** Attempts that were handed to the broker and are not answered yet. */
  readonly inFlight: readonly number[];
}

export function newCommand({ isLegacy }: { readonly isLegacy: boolean }): CommandModel {
  return {
    status: 'queued',
    errorCode: null,
    lateOutcome: null,
    attempt: 0,
    isLegacy,
    isLeaseLapsed: false,
    isDue: false,
    isStartOverdue: false,
    hasResultTime: false,
    isResultOverdue: false,
    inFlight: [],
  };
}

const BEFORE_START: readonly CommandStatus[] = ['queued', 'publish_in_progress', 'published', 'ack_received'];
const ENDS: readonly CommandStatus[] = ['completed', 'failed', 'expired', 'blocked_safety', 'cancelled'];
const AFTER_CLAIM: readonly CommandStatus[] = [
  'publish_in_progress',
  'published',
  'ack_received',
  'execution_started',
];

type Change = Partial<CommandModel>;
const same = (state: CommandModel): readonly Next<CommandModel>[] => [{ state }];
const to = (state: CommandModel, change: Change): Next<CommandModel> => ({ state: { ...state, ...change } });
const ended = (state: CommandModel, outcome: string): readonly Next<CommandModel>[] => [{ state, outcome }];

const isClaimable = (state: CommandModel) =>
  !state.isStartOverdue &&
  (state.status === 'queued' ||
    (state.status === 'publish_in_progress' && state.isLeaseLapsed && !state.isLegacy));

const claimed = (state: CommandModel): Change => ({
  status: 'publish_in_progress',
  attempt: state.attempt + 1,
  isLeaseLapsed: false,
  isDue: false,
});

/** What a publisher does when the broker has answered the attempt. */
function answered(state: CommandModel, attempt: number, isTaken: boolean): CommandModel {
  if (state.status !== 'publish_in_progress' || state.attempt !== attempt) return state;
  const status = isTaken ? 'published' : 'publish_in_progress';
  return { ...state, status, isLeaseLapsed: false, isDue: false };
}

export type BrokerMood = 'takes' | 'fails' | 'stalls' | 'is_away';

export function publishing(mood: BrokerMood): Process<CommandModel> {
  if (mood === 'is_away') return [(state) => ended(state, 'not_connected')];
  const claim: Step<CommandModel> = (state) =>
    isClaimable(state)
      ? [{ ...to(state, claimed(state)), memory: [state.attempt + 1] }]
      : ended(state, 'not_claimed');
  const hand: Step<CommandModel> = (state, { memory }) => [
    { ...to(state, { inFlight: [...state.inFlight, ...memory] }), outcome: 'stalled' },
  ];
  const settle: Step<CommandModel> = (state, { memory }) => [
    {
      state: answered(state, memory[0] ?? 0, mood === 'takes'),
      outcome: mood === 'takes' ? 'published' : 'unknown',
    },
  ];
  return [claim, mood === 'stalls' ? hand : settle];
}

/** A pass of the outbox: what is due to be claimed, then what is due to be repeated. */
export function outboxPass(isTaken: boolean): Process<CommandModel> {
  const REPEAT = 3;
  return [
    (state) => (state.isDue && isClaimable(state) ? same(state) : [{ state, goto: REPEAT }]),
    (state) =>
      isClaimable(state)
        ? [{ ...to(state, claimed(state)), memory: [state.attempt + 1] }]
        : [{ state, goto: REPEAT }],
    (state, { memory }) => [{ state: answered(state, memory[0] ?? 0, isTaken) }],
    (state, { isAlone }) => {
      const isRepeatable =
        state.status === 'published' && state.isDue && !state.isStartOverdue && !state.isLegacy;
      const skipped = isRepeatable && isAlone ? [] : ended(state, 'done');
      const attempt = state.attempt + 1;
      return isRepeatable
        ? [{ ...to(state, { attempt, isDue: false }), memory: [attempt] }, ...skipped]
        : skipped;
    },
    (state, { memory }) => [isTaken && state.attempt === memory[0] ? to(state, { isDue: false }) : { state }],
  ];
}

/** The broker answers all that it holds; the answers reach their publishers one after the other. */
export function brokerAnswer(isTaken: boolean): Process<CommandModel> {
  const SETTLE = 1;
  return [
    (state) => [{ ...to(state, { inFlight: [] }), memory: state.inFlight }],
    (state, { memory }) =>
      memory.length === 0
        ? ended(state, 'done')
        : memory.map((attempt) => ({
            state: answered(state, attempt, isTaken),
            memory: memory.filter((other) => other !== attempt),
            goto: SETTLE,
          })),
  ];
}

export interface Report {
  readonly status: AckStatus;
  readonly errorCode: string | null;
  readonly isOwn: boolean;
}

const REPORTED: Readonly<Record<AckStatus, readonly [from: number, to: CommandStatus]>> = {
  accepted: [1, 'ack_received'],
  execution_started: [2, 'execution_started'],
  completed: [3, 'completed'],
  failed: [3, 'failed'],
  blocked_safety: [3, 'blocked_safety'],
};

export function reporting({ status, errorCode, isOwn }: Report): Process<CommandModel> {
  if (!isOwn) return [(state) => ended(state, 'unknown_command')];
  const [last, next] = REPORTED[status];
  const isResult = last === 3;
  const move: Step<CommandModel> = (state) => {
    const at = AFTER_CLAIM.indexOf(state.status);
    if (at < 0 || at > last) return same(state);
    const isSkew = errorCode === 'expired_on_arrival' && !state.isStartOverdue;
    const change: Change = {
      status: next,
      errorCode: isSkew ? 'clock_skew' : errorCode,
      isDue: false,
      isLeaseLapsed: false,
      ...(status === 'execution_started' ? { hasResultTime: true, isResultOverdue: false } : {}),
    };
    return [{ ...to(state, change), outcome: 'moved' }];
  };
  const look: Step<CommandModel> = (state) => {
    if (state.status === 'queued') return ended(state, 'too_early');
    const isLate = isResult && ENDS.includes(state.status) && state.status !== status;
    return isLate ? same(state) : ended(state, 'duplicate');
  };
  const keepLate: Step<CommandModel> = (state) =>
    state.lateOutcome === null && state.attempt > 0
      ? [{ ...to(state, { lateOutcome: status }), outcome: 'late' }]
      : ended(state, 'duplicate');
  return [move, look, keepLate];
}

const EXPIRED_WITH: Partial<Record<CommandStatus, string>> = {
  queued: 'not_published',
  publish_in_progress: 'not_published',
  published: 'no_ack',
  ack_received: 'no_execution',
  execution_started: 'no_result',
};

/** A row that somebody holds is skipped, so beside others a sweep may do nothing. */
export function sweeping(): Process<CommandModel> {
  const expire =
    (isOverdue: (state: CommandModel) => boolean): Step<CommandModel> =>
    (state, { isAlone }) => {
      if (!isOverdue(state)) return same(state);
      const errorCode = EXPIRED_WITH[state.status] ?? null;
      const expired = to(state, { status: 'expired', errorCode, isDue: false, isLeaseLapsed: false });
      return isAlone ? [expired] : [expired, { state }];
    };
  return [
    expire((state) => BEFORE_START.includes(state.status) && state.isStartOverdue),
    expire((state) => state.status === 'execution_started' && state.isResultOverdue),
  ];
}

export function cancelling(): Process<CommandModel> {
  return [
    (state) =>
      state.status === 'queued'
        ? [{ ...to(state, { status: 'cancelled', isDue: false }), outcome: 'cancelled' }]
        : ended(state, 'not_cancellable'),
  ];
}

export function deletingClient(): Process<CommandModel> {
  return [
    (state) => (ENDS.includes(state.status) ? ended(state, 'done') : same(state)),
    ...cancelling().map(
      (step): Step<CommandModel> =>
        (state, context) =>
          step(state, context).map((next) =>
            next.outcome === 'cancelled' ? { ...next, outcome: 'done' } : { state: next.state },
          ),
    ),
    (state) =>
      AFTER_CLAIM.includes(state.status)
        ? [to(state, { status: 'failed', errorCode: 'client_deleted', isDue: false, isLeaseLapsed: false })]
        : same(state),
  ];
}

export function timeRunningOut(): Process<CommandModel> {
  return [
    (state) => [
      to(state, { isStartOverdue: true, isResultOverdue: state.isResultOverdue || state.hasResultTime }),
    ],
  ];
}

export function leaseLapsing(): Process<CommandModel> {
  return [
    (state) => [
      to(state, {
        isLeaseLapsed: state.isLeaseLapsed || state.status === 'publish_in_progress',
        isDue: state.isDue || ['queued', 'publish_in_progress', 'published'].includes(state.status),
      }),
    ],
  ];
}
