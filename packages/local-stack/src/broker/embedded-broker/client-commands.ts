import { z } from 'zod';
import { type BrokerAccount, roleReferenceSchema } from '../accounts-file.ts';
import { hashPassword } from '../password-hash.ts';
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

const named = z.object({ username: z.string().min(1) });
const clientFields = z.object({
  ...texts,
  clientid: z.string().optional(),
  password: z.string().min(1).optional(),
  roles: z.array(roleReferenceSchema).optional(),
});

/** Commands on accounts, which Mosquitto calls clients. */
export const CLIENT_COMMANDS: readonly (readonly [string, ControlCommand])[] = [
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
    onAccount(named.extend({ rolename: z.string().min(1) }), (book, account, { rolename }) => {
      if (!book.roles.has(rolename)) return roleNotFound;
      account.roles = account.roles.filter((reference) => reference.rolename !== rolename);
      return { changes: true, cut: [account.username] };
    }),
  ],
];

/** A command on one account that exists. */
function onAccount<Input extends { username: string }>(
  schema: z.ZodType<Input>,
  run: (book: AccountBook, account: BrokerAccount, input: Input) => CommandOutcome,
): ControlCommand {
  return command(schema, (book, input) => {
    const account = book.accounts.get(input.username);
    return account === undefined ? { error: 'Client not found' } : run(book, account, input);
  });
}

function rolesExist(book: AccountBook, references: readonly { rolename: string }[] = []): boolean {
  return references.every(({ rolename }) => book.roles.has(rolename));
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
