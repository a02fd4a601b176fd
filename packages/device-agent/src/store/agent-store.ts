import type { AgentMemory } from '../commands/agent-memory.ts';

/** Where the agent's memory outlives its process. `save` resolves only when a power cut can't undo it any more. */
export interface AgentStore {
  load(): Promise<AgentMemory>;
  /** @throws when it could not be written; the agent goes on with what it has in mind */
  save(memory: AgentMemory): Promise<void>;
}
