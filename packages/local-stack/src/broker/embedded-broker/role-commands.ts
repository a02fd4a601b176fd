import { ACL_TYPES } from '@infoscreen/shared-types';
import { z } from 'zod';
import { aclRuleSchema, type BrokerRole } from '../accounts-file.ts';
import type { AccountBook } from './account-book.ts';
import {
  type CommandOutcome,
  type ControlCommand,
  command,
  paged,
  pageOf,
  roleNotFound,
  sortedBy,
  texts,
} from './control-command.ts';

const roleNamed = z.object({ rolename: z.string().min(1) });
const roleFields = z.object({ ...texts, acls: z.array(aclRuleSchema).optional() });
const defaultAccess = z.object({
  acls: z.array(
    z.object({
      acltype: z.enum(['publishClientSend', 'publishClientReceive', 'subscribe', 'unsubscribe']),
      allow: z.boolean(),
    }),
  ),
});

/** Commands on roles, and on what no role decides. */
export const ROLE_COMMANDS: readonly (readonly [string, ControlCommand])[] = [
  [
    'getDefaultACLAccess',
    (book) => ({
      data: { acls: Object.entries(book.defaultAccess).map(([acltype, allow]) => ({ acltype, allow })) },
    }),
  ],
  [
    'setDefaultACLAccess',
    command(defaultAccess, (book, { acls }) => {
      book.defaultAccess = {
        ...book.defaultAccess,
        ...Object.fromEntries(acls.map(({ acltype, allow }) => [acltype, allow])),
      };
      return { changes: true };
    }),
  ],
  [
    'listRoles',
    command(paged, (book, page) => {
      const roles = sortedBy(book.roles.values(), ({ rolename }) => rolename);
      const shown = pageOf(roles, page).map((role) => (page.verbose ? describeRole(role) : role.rolename));
      return { data: { totalCount: roles.length, roles: shown } };
    }),
  ],
  ['getRole', onRole(roleNamed, (_book, role) => ({ data: { role: describeRole(role) } }))],
  [
    'createRole',
    command(roleFields.extend(roleNamed.shape), (book, { rolename, acls = [], ...fields }) => {
      if (book.roles.has(rolename)) return { error: 'Role already exists' };
      book.roles.set(rolename, { rolename, ...fields, acls });
      return { changes: true };
    }),
  ],
  [
    'modifyRole',
    onRole(roleFields.extend(roleNamed.shape), (book, role, { rolename, acls = role.acls, ...fields }) => {
      book.roles.set(rolename, { ...role, ...fields, acls });
      return { changes: true, cut: holdersOf(book, rolename) };
    }),
  ],
  [
    'deleteRole',
    onRole(roleNamed, (book, { rolename }) => {
      const holders = holdersOf(book, rolename);
      book.roles.delete(rolename);
      for (const account of book.accounts.values()) {
        account.roles = account.roles.filter((reference) => reference.rolename !== rolename);
      }
      return { changes: true, cut: holders };
    }),
  ],
];

function onRole<Input extends { rolename: string }>(
  schema: z.ZodType<Input>,
  run: (book: AccountBook, role: BrokerRole, input: Input) => CommandOutcome,
): ControlCommand {
  return command(schema, (book, input) => {
    const role = book.roles.get(input.rolename);
    return role === undefined ? roleNotFound : run(book, role, input);
  });
}

function holdersOf(book: AccountBook, rolename: string): readonly string[] {
  return [...book.accounts.values()]
    .filter(({ roles }) => roles.some((reference) => reference.rolename === rolename))
    .map(({ username }) => username);
}

function describeRole(role: BrokerRole) {
  const acls = ACL_TYPES.flatMap((type) => role.acls.filter(({ acltype }) => acltype === type));
  return { ...role, acls };
}
