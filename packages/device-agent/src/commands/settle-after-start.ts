import type { CommandMessage } from '@infoscreen/shared-types';
import type { CommandResult, RememberedCommand } from './agent-memory.ts';
import { BOOT_CHANGED, COMPLETED } from './decide-command.ts';

/** What an agent that has just started does with a command that it had not finished. */
export type UnfinishedCommand =
  | { readonly kind: 'finish'; readonly commandId: string; readonly result: CommandResult }
  /** It was accepted and never started, in this same boot: it may run, if it still may by its `expires_at`. */
  | { readonly kind: 'run'; readonly message: CommandMessage };

const INTERRUPTED: CommandResult = {
  status: 'failed',
  errorCode: 'interrupted',
  errorMessage: 'the agent stopped while the command was running; whether it took effect is unknown',
};

/**
 * Ends what the last life of the agent left open. Pure. A started command is never run a second time: after a new boot
 * a reboot or shutdown has evidently happened, anything else is reported as interrupted.
 */
export function settleAfterStart(
  commands: readonly RememberedCommand[],
  bootId: string,
): UnfinishedCommand[] {
  return commands.flatMap((command): UnfinishedCommand[] => {
    if (command.state === 'finished') return [];
    const hasRebooted = command.bootId !== bootId;
    if (command.state === 'execution_started') {
      const hasHappened = hasRebooted && command.action !== 'restart_app';
      return [
        { kind: 'finish', commandId: command.commandId, result: hasHappened ? COMPLETED : INTERRUPTED },
      ];
    }
    if (!hasRebooted) return [{ kind: 'run', message: command.message }];
    const result = command.message.action === 'reboot_host' ? COMPLETED : BOOT_CHANGED;
    return [{ kind: 'finish', commandId: command.commandId, result }];
  });
}
