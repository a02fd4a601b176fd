import type { CommandMessage } from '@infoscreen/shared-types';
import type { CommandResult, RememberedCommand } from './agent-memory.ts';

/** What a decision rests on besides the message. */
export interface AgentState {
  readonly clientUuid: string;
  /** The host's boot id; `null` for an agent that knows none, which then can't tell that it has rebooted. */
  readonly bootId: string | null;
  readonly commands: readonly RememberedCommand[];
}

/** What to do with a command that arrived. Only `run` touches the host. */
export type CommandDecision =
  | { readonly kind: 'run' }
  /** It ended before: say so again, run nothing. */
  | { readonly kind: 'repeat_result'; readonly result: CommandResult }
  /** It is under way: say again how far it is. */
  | { readonly kind: 'in_progress'; readonly status: 'accepted' | 'execution_started' }
  | { readonly kind: 'already_rebooted'; readonly result: CommandResult }
  | { readonly kind: 'boot_changed'; readonly result: CommandResult }
  | { readonly kind: 'expired'; readonly result: CommandResult }
  /** Addressed to another screen: nothing is said at all. */
  | { readonly kind: 'not_mine' };

export const COMPLETED: CommandResult = { status: 'completed' };
export const BOOT_CHANGED: CommandResult = {
  status: 'failed',
  errorCode: 'boot_changed',
  errorMessage: 'the screen has rebooted since the command was issued',
};
export const EXPIRED: CommandResult = {
  status: 'failed',
  errorCode: 'expired_on_arrival',
  errorMessage: "expires_at has passed by the screen's clock",
};

/**
 * The rules of a command's arrival; the first that applies. Pure.
 *
 * - A `command_id` that is known never runs again, whatever else the message says.
 * - The boot fence comes before the clock: it needs none, and "has rebooted since" is true of an expired reboot too.
 * @param now by the screen's own clock, milliseconds since the epoch
 */
export function decideCommand(message: CommandMessage, state: AgentState, now: number): CommandDecision {
  if (message.client_uuid !== state.clientUuid) return { kind: 'not_mine' };
  const known = state.commands.find(({ commandId }) => commandId === message.command_id);
  if (known?.state === 'finished') return { kind: 'repeat_result', result: known.result };
  if (known !== undefined) return { kind: 'in_progress', status: known.state };
  if (message.boot_id !== null && state.bootId !== null && message.boot_id !== state.bootId) {
    return message.action === 'reboot_host'
      ? { kind: 'already_rebooted', result: COMPLETED }
      : { kind: 'boot_changed', result: BOOT_CHANGED };
  }
  return isExpired(message, now) ? { kind: 'expired', result: EXPIRED } : { kind: 'run' };
}

/** `expires_at` bounds the start of the execution: at that instant it is too late. */
export function isExpired(message: CommandMessage, now: number): boolean {
  return now >= Date.parse(message.expires_at);
}
