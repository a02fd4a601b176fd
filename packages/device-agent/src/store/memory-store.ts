import { EMPTY_MEMORY } from '../commands/agent-memory.ts';
import type { AgentStore } from './agent-store.ts';

/** For simulated screens: outlives simulated reboots, not this process. The memory is immutable, so it is kept as it is. */
export function createMemoryStore(): AgentStore {
  let saved = EMPTY_MEMORY;
  return {
    load: () => Promise.resolve(saved),
    save: (memory) => {
      saved = memory;
      return Promise.resolve();
    },
  };
}
