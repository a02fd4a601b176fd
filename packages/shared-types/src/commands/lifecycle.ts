/** What a screen can be told to do. */
export const COMMAND_ACTIONS = ['reboot_host', 'shutdown_host', 'restart_app'] as const;
export type CommandAction = (typeof COMMAND_ACTIONS)[number];

/** The actions that count against, and are blocked by, the safety lockout. */
export const LOCKOUT_ACTIONS = ['reboot_host', 'restart_app'] as const satisfies readonly CommandAction[];

export const COMMAND_STATUSES = [
  'queued',
  'publish_in_progress',
  'published',
  'ack_received',
  'execution_started',
  'completed',
  'failed',
  'expired',
  'blocked_safety',
  'cancelled',
] as const;
export type CommandStatus = (typeof COMMAND_STATUSES)[number];

/** Statuses that a device may report. */
export const ACK_STATUSES = [
  'accepted',
  'execution_started',
  'completed',
  'failed',
  'blocked_safety',
] as const;
export type AckStatus = (typeof ACK_STATUSES)[number];

export const END_STATUSES = [
  'completed',
  'failed',
  'expired',
  'blocked_safety',
  'cancelled',
] as const satisfies readonly CommandStatus[];
export type EndStatus = (typeof END_STATUSES)[number];

/** What can happen to a stored command. */
export const LIFECYCLE_EVENTS = [
  'claim',
  'broker_ack',
  'device_accepted',
  'device_started',
  'device_completed',
  'device_failed',
  'device_blocked',
  'expire',
  'cancel',
  'client_deleted',
] as const;
export type LifecycleEvent = (typeof LIFECYCLE_EVENTS)[number];

interface Transition {
  readonly from: readonly CommandStatus[];
  readonly to: CommandStatus;
}

const PUBLISHED_OR_MORE = ['publish_in_progress', 'published', 'ack_received', 'execution_started'] as const;
const LIVE = ['queued', ...PUBLISHED_OR_MORE] as const;

/**
 * The lifecycle, as data: each event, the states it applies in and the state it leads to. SQL guards, checks of the
 * server and the buttons of the page are derived from this table. An event in a state that isn't named changes nothing.
 *
 * - Nothing leads out of an end, and nothing leads back: the order of `COMMAND_STATUSES` only rises.
 * - `claim` in `publish_in_progress` is the take-over of a lapsed lease; the lease is the guard, not the state.
 * - A device's word counts from `publish_in_progress` on: the device may be faster than the broker's acknowledgement.
 *   In `queued` no honest device can know the command.
 */
export const TRANSITIONS = {
  claim: { from: ['queued', 'publish_in_progress'], to: 'publish_in_progress' },
  broker_ack: { from: ['publish_in_progress'], to: 'published' },
  device_accepted: { from: ['publish_in_progress', 'published'], to: 'ack_received' },
  device_started: { from: ['publish_in_progress', 'published', 'ack_received'], to: 'execution_started' },
  device_completed: { from: PUBLISHED_OR_MORE, to: 'completed' },
  device_failed: { from: PUBLISHED_OR_MORE, to: 'failed' },
  device_blocked: { from: PUBLISHED_OR_MORE, to: 'blocked_safety' },
  expire: { from: LIVE, to: 'expired' },
  cancel: { from: ['queued'], to: 'cancelled' },
  client_deleted: { from: PUBLISHED_OR_MORE, to: 'failed' },
} as const satisfies Record<LifecycleEvent, Transition>;

/** The event that a device's report is. */
export const EVENT_OF_ACK = {
  accepted: 'device_accepted',
  execution_started: 'device_started',
  completed: 'device_completed',
  failed: 'device_failed',
  blocked_safety: 'device_blocked',
} as const satisfies Record<AckStatus, LifecycleEvent>;

/** The state that `event` leads to from `from`, or `undefined` where it changes nothing. */
export function nextStatus(from: CommandStatus, event: LifecycleEvent): CommandStatus | undefined {
  const { from: sources, to }: Transition = TRANSITIONS[event];
  return sources.includes(from) ? to : undefined;
}

export function isEnd(status: CommandStatus): status is EndStatus {
  return (END_STATUSES as readonly CommandStatus[]).includes(status);
}

export function isLockoutAction(action: CommandAction): boolean {
  return (LOCKOUT_ACTIONS as readonly CommandAction[]).includes(action);
}

/** How far an expired command came, by the state in which its time ran out. */
export const EXPIRY_ERROR_CODES = {
  queued: 'not_published',
  publish_in_progress: 'not_published',
  published: 'no_ack',
  ack_received: 'no_execution',
  execution_started: 'no_result',
} as const satisfies Record<(typeof LIVE)[number], string>;

/** Codes that the services themselves put on a command; a device may report others. */
export const COMMAND_ERROR_CODES = {
  safety_lockout: 'Too many commands of this kind to this screen in the lockout window; it was not sent.',
  not_published: 'The broker did not confirm that it took the command before its time ran out.',
  no_ack: 'The broker took the command, but no screen acknowledged it in time.',
  no_execution: 'The screen acknowledged the command, but did not start it in time.',
  no_result: 'The screen started the command, but reported no result in time.',
  client_deleted: 'The client was deleted while the command was under way.',
  expired_on_arrival: 'The command had expired when it reached the screen.',
  clock_skew: 'The screen took the command for expired, although it was not: its clock is wrong.',
  boot_changed: 'The screen had rebooted since the command was issued, so it did not run it.',
} as const;
export type CommandErrorCode = keyof typeof COMMAND_ERROR_CODES;
