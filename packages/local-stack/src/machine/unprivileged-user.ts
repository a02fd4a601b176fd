import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** An account of this machine under which a server runs. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user for servers that refuse to run as root: `postgres` where it exists, else `nobody`.
 * @returns `undefined` when we aren't root: then servers run as ourselves
 * @throws when we are root and neither user exists
 */
export function unprivilegedUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map(parseUser);
  for (const name of ['postgres', 'nobody']) {
    const user = users.find((candidate) => candidate?.name === name);
    if (user !== undefined) return user;
  }
  throw new Error(
    'PostgreSQL and Mosquitto do not run as root, and there is no user "postgres" or "nobody" to run them as.',
  );
}

/** Whether `user` can enter and read `path`; asked of the system, so that ACLs and every parent folder count. */
export function canReach(path: string, user: SystemUser | undefined): boolean {
  const identity = user === undefined ? {} : { uid: user.uid, gid: user.gid };
  return (
    spawnSync('test', ['-r', path, '-a', '-x', path], { ...identity, cwd: '/', stdio: 'ignore' }).status === 0
  );
}

function parseUser(line: string): SystemUser | undefined {
  const [name, , uid, gid] = line.split(':');
  if (name === undefined || uid === undefined || gid === undefined) return undefined;
  return { name, uid: Number(uid), gid: Number(gid) };
}
