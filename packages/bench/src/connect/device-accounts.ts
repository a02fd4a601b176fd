import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { hashPassword, readAccounts, writeAccounts } from '@infoscreen/local-stack';
import { aclRules, deviceAccess } from '@infoscreen/shared-types';
import type { TestBroker } from '@infoscreen/test-kit';
import type { ConnectAccount } from './connect-order.ts';

export interface MadeAccounts {
  readonly accounts: readonly ConnectAccount[];
  /** What one hash of a password took here; the broker computes the same for each CONNECT. */
  readonly hashMs: number;
}

/** Accounts as screens have them, each with a role of its own, written into the broker's file; it is restarted with them. */
export async function makeDeviceAccounts(
  broker: TestBroker,
  uuids: readonly string[],
): Promise<MadeAccounts> {
  const accounts = uuids.map((uuid) => ({
    username: uuid,
    clientId: uuid,
    password: randomBytes(24).toString('base64url'),
  }));
  const startedAt = performance.now();
  const hashes = accounts.map(({ password }) => hashPassword(password));
  const hashMs = (performance.now() - startedAt) / accounts.length;
  await broker.kill('SIGTERM');
  const path = join(broker.folder, 'dynamic-security.json');
  const file = readAccounts(path);
  writeAccounts(path, {
    ...file,
    clients: [
      ...file.clients,
      ...accounts.map(({ username }, index) => ({
        username,
        clientid: username,
        roles: [{ rolename: username }],
        ...hashes[index],
      })),
    ],
    roles: [
      ...file.roles,
      ...uuids.map((uuid) => ({ rolename: uuid, acls: [...aclRules(deviceAccess(uuid))] })),
    ],
  });
  await broker.restart();
  return { accounts, hashMs };
}
