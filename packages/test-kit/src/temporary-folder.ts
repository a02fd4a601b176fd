import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canReach, giveToServers, localPlace, unprivilegedUser } from '@infoscreen/local-stack';

/** A new empty folder that the servers' user can reach; the caller removes it. */
export function makeTemporaryFolder(purpose: string): string {
  const parent = canReach(tmpdir(), unprivilegedUser()) ? tmpdir() : join(localPlace(), 'tmp');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, `infoscreen-${purpose}-`));
  chmodSync(folder, 0o700);
  giveToServers(folder);
  return folder;
}

export function removeTemporaryFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
