import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SILENT_LOG } from '../../src/agent/agent-log.ts';
import { type AgentMemory, EMPTY_MEMORY } from '../../src/commands/agent-memory.ts';
import { createFileStore } from '../../src/store/file-store.ts';

const memoryOf = (commandId: string): AgentMemory => ({
  commands: [{ state: 'finished', commandId, result: { status: 'completed' }, isConfirmed: false }],
});

describe('the file store', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'device-agent-'));
    path = join(folder, 'state', 'memory.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('starts empty where there is no file', async () => {
    expect(await createFileStore(path, SILENT_LOG).load()).toEqual(EMPTY_MEMORY);
  });

  it('gives back what was saved, to another process too', async () => {
    await createFileStore(path, SILENT_LOG).save(memoryOf('a'));
    expect(await createFileStore(path, SILENT_LOG).load()).toEqual(memoryOf('a'));
  });

  it('keeps the last of several saves at once, and leaves nothing beside it', async () => {
    const store = createFileStore(path, SILENT_LOG);
    await Promise.all([store.save(memoryOf('a')), store.save(memoryOf('b')), store.save(memoryOf('c'))]);
    expect(await store.load()).toEqual(memoryOf('c'));
    expect(await readdir(join(folder, 'state'))).toEqual(['memory.json']);
  });

  it('can be read by its owner alone', async () => {
    await createFileStore(path, SILENT_LOG).save(memoryOf('a'));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it.each(['{"commands": [', '{"commands": 7}'])('starts empty when the file holds %s', async (content) => {
    await createFileStore(path, SILENT_LOG).save(memoryOf('a'));
    await writeFile(path, content);
    expect(await createFileStore(path, SILENT_LOG).load()).toEqual(EMPTY_MEMORY);
  });
});
