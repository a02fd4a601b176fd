import {
  COMMAND_ACTIONS,
  commandMessageSchema,
  MAX_RECENT_RESULTS,
  type RecentResult,
} from '@infoscreen/shared-types';
import { z } from 'zod';

/** How a command ended on this screen. */
export const commandResultSchema = z.object({
  status: z.enum(['completed', 'failed', 'blocked_safety']),
  errorCode: z.string().optional(),
  errorMessage: z.string().optional(),
});
export type CommandResult = z.output<typeof commandResultSchema>;

/**
 * What the agent knows of one command. `bootId` is the host's when the state was written, so that after a start it can
 * be told whether the host has rebooted in between.
 */
export const rememberedCommandSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('accepted'),
    commandId: z.string(),
    bootId: z.string(),
    message: commandMessageSchema,
  }),
  z.object({
    state: z.literal('execution_started'),
    commandId: z.string(),
    bootId: z.string(),
    action: z.enum(COMMAND_ACTIONS),
  }),
  z.object({
    state: z.literal('finished'),
    commandId: z.string(),
    result: commandResultSchema,
    /** Whether the broker confirmed that it took the result. */
    isConfirmed: z.boolean(),
  }),
]);
export type RememberedCommand = z.output<typeof rememberedCommandSchema>;

/** Everything that outlives the process and the boot. Oldest command first. */
export const agentMemorySchema = z.object({ commands: z.array(rememberedCommandSchema) });
export type AgentMemory = z.output<typeof agentMemorySchema>;

export const EMPTY_MEMORY: AgentMemory = { commands: [] };

/** Commands live for minutes, and at most a handful per window: this many are far more than can still arrive again. */
const MAX_REMEMBERED_COMMANDS = 64;

/** The memory with `command` in its newest state. Unfinished commands are never forgotten to make room. */
export function remember(memory: AgentMemory, command: RememberedCommand): AgentMemory {
  const others = memory.commands.filter(({ commandId }) => commandId !== command.commandId);
  const surplus = Math.max(0, others.length + 1 - MAX_REMEMBERED_COMMANDS);
  const forgotten = new Set(others.filter(({ state }) => state === 'finished').slice(0, surplus));
  return { commands: [...others.filter((other) => !forgotten.has(other)), command] };
}

/** The memory in which the broker has confirmed the result of `commandId`. */
export function markConfirmed(memory: AgentMemory, commandId: string): AgentMemory {
  return {
    commands: memory.commands.map((command) =>
      command.commandId === commandId && command.state === 'finished'
        ? { ...command, isConfirmed: true }
        : command,
    ),
  };
}

/** The newest results, newest first, as a heartbeat repeats them. */
export function recentResults(memory: AgentMemory): RecentResult[] {
  return memory.commands
    .filter((command) => command.state === 'finished')
    .slice(-MAX_RECENT_RESULTS)
    .reverse()
    .map(({ commandId, result }) => ({
      command_id: commandId,
      status: result.status,
      error_code: result.errorCode,
      error_message: result.errorMessage,
    }));
}
