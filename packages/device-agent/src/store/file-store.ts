import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AgentLog } from '../agent/agent-log.ts';
import { type AgentMemory, agentMemorySchema, EMPTY_MEMORY } from '../commands/agent-memory.ts';
import type { AgentStore } from './agent-store.ts';

/**
 * A small JSON file, written to the side, synced and renamed: after a power cut there is the old content or the new,
 * never half of one. An unreadable file counts as empty, since a screen that doesn't start can't be helped from afar.
 */
export function createFileStore(path: string, log: AgentLog): AgentStore {
  let lastSave: Promise<void> = Promise.resolve();
  return {
    async load() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT')
          log.warn('agent memory not readable, starting with an empty one', { path, error: error.message });
        return undefined;
      });
      return text === undefined ? EMPTY_MEMORY : parseMemory(text, path, log);
    },
    save(memory) {
      lastSave = lastSave.catch(() => undefined).then(() => replaceFile(path, JSON.stringify(memory)));
      return lastSave;
    },
  };
}

function parseMemory(text: string, path: string, log: AgentLog): AgentMemory {
  try {
    return agentMemorySchema.parse(JSON.parse(text));
  } catch {
    log.warn('agent memory is damaged, starting with an empty one', { path });
    return EMPTY_MEMORY;
  }
}

async function replaceFile(path: string, content: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const aside = `${path}.new`;
  const file = await open(aside, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
  const folderHandle = await open(folder, 'r');
  try {
    await folderHandle.sync();
  } finally {
    await folderHandle.close();
  }
}
