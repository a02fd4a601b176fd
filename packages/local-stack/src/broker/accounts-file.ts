import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { ACL_TYPES, accountAdminAccess, aclRules, DEFAULT_ACL_ACCESS } from '@infoscreen/shared-types';
import { z } from 'zod';
import { giveToServers } from '../machine/local-place.ts';
import { hashPassword, passwordMatches } from './password-hash.ts';

const ADMIN_ROLE = 'account-admin';

export const aclRuleSchema = z.object({
  acltype: z.enum(ACL_TYPES),
  topic: z.string(),
  priority: z.int().default(0),
  allow: z.boolean().default(false),
});
export const roleReferenceSchema = z.object({ rolename: z.string(), priority: z.int().optional() });

const description = { textname: z.string().optional(), textdescription: z.string().optional() };

export const roleSchema = z.looseObject({
  rolename: z.string(),
  ...description,
  acls: z.array(aclRuleSchema).default([]),
});
export const accountSchema = z.looseObject({
  username: z.string(),
  ...description,
  clientid: z.string().optional(),
  disabled: z.boolean().optional(),
  roles: z.array(roleReferenceSchema).default([]),
  password: z.string().optional(),
  salt: z.string().optional(),
  iterations: z.int().positive().optional(),
});

/** File format of Mosquitto's dynamic-security plugin; the embedded broker keeps its accounts in the same. */
const accountsSchema = z.looseObject({
  defaultACLAccess: z
    .object({
      publishClientSend: z.boolean(),
      publishClientReceive: z.boolean(),
      subscribe: z.boolean(),
      unsubscribe: z.boolean(),
    })
    .default(DEFAULT_ACL_ACCESS),
  clients: z.array(accountSchema).default([]),
  roles: z.array(roleSchema).default([]),
});

export type BrokerRole = z.infer<typeof roleSchema>;
export type BrokerAccount = z.infer<typeof accountSchema>;
export type BrokerAccounts = z.infer<typeof accountsSchema>;

export function readAccounts(path: string): BrokerAccounts {
  return accountsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** Whole or not at all: a crash in between leaves the old file. */
export function writeAccounts(path: string, accounts: BrokerAccounts): void {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(accounts, null, '\t'), { mode: 0o600 });
  chmodSync(draft, 0o600);
  giveToServers(draft);
  renameSync(draft, path);
}

/**
 * Before a broker starts: makes the file with the admin's account alone, or sees to it that the admin's account in the
 * file has this password and its role; the other accounts stay as they are.
 */
export function prepareAccounts(
  path: string,
  admin: { readonly adminUsername: string; readonly adminPassword: string },
): void {
  const accounts = existsSync(path) ? readAccounts(path) : accountsSchema.parse({});
  const known = accounts.clients.find(({ username }) => username === admin.adminUsername);
  if (known !== undefined && known.disabled !== true && passwordMatches(known, admin.adminPassword)) return;
  writeAccounts(path, {
    ...accounts,
    clients: [
      ...accounts.clients.filter((account) => account !== known),
      {
        username: admin.adminUsername,
        roles: [{ rolename: ADMIN_ROLE }],
        ...hashPassword(admin.adminPassword),
      },
    ],
    roles: [
      ...accounts.roles.filter(({ rolename }) => rolename !== ADMIN_ROLE),
      { rolename: ADMIN_ROLE, acls: [...aclRules(accountAdminAccess())] },
    ],
  });
}
