import { ACL_TYPES } from '@infoscreen/shared-types';
import { z } from 'zod';
import { aclRuleSchema, type BrokerAccount, type BrokerRole, roleReferenceSchema } from '../accounts-file.ts';
import { hashPassword } from '../password-hash.ts';
import type { AccountBook } from './account-book.ts';

/** What a command did: `changes` = to be saved; `cut` = accounts whose connections end, so that the change holds at once. */
export interface CommandOutcome {
  readonly error?: string;
  readonly data?: unknown;
  readonly changes?: boolean;
  readonly cut?: readonly string[];
}

type Command = (book: AccountBook, input: unknown) => CommandOutcome;

const clientNotFound: CommandOutcome = { error: 'Client not found' };
const roleNotFound: CommandOutcome = { error: 'Role not found' };

const named = z.object({ username: z.string().min(1) });
const roleNamed = z.object({ rolename: z.string().min(1) });
const paged = z.object({
  verbose: z.boolean().default(false),
  count: z.int().default(-1),
  offset: z.int().default(0),
});
const texts = { textname: z.string().optional(), textdescription: z.string().optional() };
const clientFields = z.object({
  ...texts,
  clientid: z.string().optional(),
  password: z.string().min(1).optional(),
  roles: z.array(roleReferenceSchema).optional(),
});
const roleFields = z.object({ ...texts, acls: z.array(aclRuleSchema).optional() });
const defaultAccess = z.object({
  acls: z.array(
    z.object({
      acltype: z.enum(['publishClientSend', 'publishClientReceive', 'subscribe', 'unsubscribe']),
      allow: z.boolean(),
    }),
  ),
});

/** Makes a command out of a schema for its input and what it does; input that breaks the schema is answered with an error. */
function command<Input>(
  schema: z.ZodType<Input>,
  run: (book: AccountBook, input: Input) => CommandOutcome,
): Command {
  return (book, input) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return run(book, parsed.data);
    return { error: `Invalid/missing ${parsed.error.issues[0]?.path.join('.') ?? 'field'}` };
  };
}

/** A command on one account that exists. */
function onAccount<Input extends { username: string }>(
  schema: z.ZodType<Input>,
  run: (book: AccountBook, account: BrokerAccount, input: Input) => CommandOutcome,
): Command {
  return command(schema, (book, input) => {
    const account = book.accounts.get(input.username);
    return account === undefined ? clientNotFound : run(book, account, input);
  });
}

function onRole<Input extends { rolename: string }>(
  schema: z.ZodType<Input>,
  run: (book: AccountBook, role: BrokerRole, input: Input) => CommandOutcome,
): Command {
  return command(schema, (book, input) => {
    const role = book.roles.get(input.rolename);
    return role === undefined ? roleNotFound : run(book, role, input);
  });
}

/** The commands of `$CONTROL/dynamic-security` that this broker knows, with Mosquitto's names, answers and effects. */
export const CONTROL_COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
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
    'listClients',
    command(paged, (book, page) => {
      const accounts = sortedBy(book.accounts.values(), ({ username }) => username);
      const shown = pageOf(accounts, page).map((account) =>
        page.verbose ? describeAccount(account) : account.username,
      );
      return { data: { totalCount: accounts.length, clients: shown } };
    }),
  ],
  ['getClient', onAccount(named, (_book, account) => ({ data: { client: describeAccount(account) } }))],
  [
    'createClient',
    command(clientFields.extend(named.shape), (book, { username, ...fields }) => {
      if (book.accounts.has(username)) return { error: 'Client already exists' };
      if (!rolesExist(book, fields.roles)) return roleNotFound;
      book.accounts.set(username, withClientFields({ username, roles: [] }, fields));
      return { changes: true };
    }),
  ],
  [
    'modifyClient',
    onAccount(clientFields.extend(named.shape), (book, account, { username, ...fields }) => {
      if (!rolesExist(book, fields.roles)) return roleNotFound;
      book.accounts.set(username, withClientFields(account, fields));
      return { changes: true, cut: [username] };
    }),
  ],
  [
    'setClientPassword',
    onAccount(named.extend({ password: z.string().min(1) }), (book, account, { username, password }) => {
      book.accounts.set(username, { ...account, ...hashPassword(password) });
      return { changes: true, cut: [username] };
    }),
  ],
  [
    'setClientId',
    onAccount(named.extend({ clientid: z.string().default('') }), (book, account, { username, clientid }) => {
      book.accounts.set(username, withClientFields(account, { clientid }));
      return { changes: true, cut: [username] };
    }),
  ],
  [
    'enableClient',
    onAccount(named, (_book, account) => {
      delete account.disabled;
      return { changes: true };
    }),
  ],
  [
    'disableClient',
    onAccount(named, (_book, account) => {
      account.disabled = true;
      return { changes: true, cut: [account.username] };
    }),
  ],
  [
    'deleteClient',
    onAccount(named, (book, account) => {
      book.accounts.delete(account.username);
      return { changes: true, cut: [account.username] };
    }),
  ],
  [
    'addClientRole',
    onAccount(
      named.extend(roleReferenceSchema.shape),
      (book, account, { username: _username, ...reference }) => {
        if (!book.roles.has(reference.rolename)) return roleNotFound;
        if (account.roles.some(({ rolename }) => rolename === reference.rolename))
          return { error: 'Internal error' };
        account.roles.push(reference);
        return { changes: true, cut: [account.username] };
      },
    ),
  ],
  [
    'removeClientRole',
    onAccount(named.extend(roleNamed.shape), (book, account, { rolename }) => {
      if (!book.roles.has(rolename)) return roleNotFound;
      account.roles = account.roles.filter((reference) => reference.rolename !== rolename);
      return { changes: true, cut: [account.username] };
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
]);

function rolesExist(book: AccountBook, references: readonly { rolename: string }[] = []): boolean {
  return references.every(({ rolename }) => book.roles.has(rolename));
}

function holdersOf(book: AccountBook, rolename: string): readonly string[] {
  return [...book.accounts.values()]
    .filter(({ roles }) => roles.some((reference) => reference.rolename === rolename))
    .map(({ username }) => username);
}

/** An empty client id means any. */
function withClientFields(account: BrokerAccount, fields: z.infer<typeof clientFields>): BrokerAccount {
  const { password, clientid = account.clientid ?? '', roles = account.roles, ...described } = fields;
  const { clientid: _old, ...rest } = account;
  return {
    ...rest,
    ...described,
    ...(clientid === '' ? {} : { clientid }),
    ...(password === undefined ? {} : hashPassword(password)),
    username: account.username,
    roles,
  };
}

function describeAccount(account: BrokerAccount) {
  const { password: _password, salt: _salt, iterations: _iterations, ...shown } = account;
  return { ...shown, groups: [] };
}

function describeRole(role: BrokerRole) {
  const acls = ACL_TYPES.flatMap((type) => role.acls.filter(({ acltype }) => acltype === type));
  return { ...role, acls };
}

function sortedBy<Item>(items: Iterable<Item>, key: (item: Item) => string): readonly Item[] {
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function pageOf<Item>(
  items: readonly Item[],
  { count, offset }: { count: number; offset: number },
): readonly Item[] {
  return items.slice(offset, count < 0 ? undefined : offset + count);
}
