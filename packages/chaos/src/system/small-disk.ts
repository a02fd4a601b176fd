import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A file system of its own that can be filled to the last byte without harm to anything else. */
export interface SmallDisk {
  readonly folder: string;
  fill(): Promise<void>;
  free(): Promise<void>;
  unmount(): void;
}

const CHUNK = Buffer.alloc(16 * 1024 * 1024);
const LAST_CHUNK = Buffer.alloc(4096);

/** Mounts one in memory at `folder`, which only root may. @returns why not, where it can't be had */
export function mountSmallDisk(folder: string, megabytes: number): SmallDisk | string {
  if (process.getuid?.() !== 0) return 'a small disk can only be mounted by root';
  mkdirSync(folder, { recursive: true });
  const mounted = spawnSync(
    'mount',
    ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'infoscreen-chaos', folder],
    { encoding: 'utf8' },
  );
  if (mounted.status !== 0) return `a small disk can't be mounted: ${(mounted.stderr ?? '').trim()}`;
  const filler = join(folder, 'filler');
  return {
    folder,
    fill: async () => {
      const file = await open(filler, 'w');
      try {
        for (const chunk of [CHUNK, LAST_CHUNK]) await writeUntilFull(file, chunk);
      } finally {
        await file.close();
      }
    },
    free: () => rm(filler, { force: true }),
    unmount: () => {
      spawnSync('umount', ['-l', folder]);
    },
  };
}

async function writeUntilFull(file: FileHandle, chunk: Buffer): Promise<void> {
  try {
    for (;;) await file.write(chunk);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOSPC') throw error;
  }
}
