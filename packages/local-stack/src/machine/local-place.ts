import { createHash } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { canReach, unprivilegedUser } from './unprivileged-user.ts';

const PLACE_FOR_UNREACHABLE_CLONES = '/var/lib/infoscreen-local';

/**
 * Folder for data and tools of the servers of this clone: `.local` in it, or, where we are root and the servers' user
 * can't reach the clone (one under `/root`), a folder of its own under `/var/lib`. Made when missing.
 */
export function localPlace(root: string = REPOSITORY_ROOT): string {
  const user = unprivilegedUser();
  const place = canReach(root, user) ? join(root, '.local') : placeOutside(root);
  mkdirSync(place, { recursive: true });
  // A strict umask of root's would shut the servers' user out of what was made for it.
  if (!canReach(place, user)) chmodSync(place, 0o755);
  return place;
}

/** Makes `path` when missing, and its owner and only reader the user under whom servers run. */
export function prepareServerFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o700);
  giveToServers(path);
}

/** Hands a file or folder to the user under whom servers run; nothing to do when that is us. */
export function giveToServers(path: string): void {
  const user = unprivilegedUser();
  if (user !== undefined) chownSync(path, user.uid, user.gid);
}

function placeOutside(root: string): string {
  return join(PLACE_FOR_UNREACHABLE_CLONES, createHash('sha256').update(root).digest('hex').slice(0, 12));
}
