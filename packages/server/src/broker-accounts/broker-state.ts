import { z } from 'zod';
import type { ControlChannel, ControlCommand, ControlResponse } from './control-channel.ts';

/** Accounts per message: their answer must stay below the broker's largest packet. */
const PAGE_SIZE = 100;

const roleSchema = z.object({
  rolename: z.string(),
  acls: z
    .array(z.object({ acltype: z.string(), topic: z.string(), allow: z.boolean().default(false) }))
    .default([]),
});
const accountSchema = z.object({
  username: z.string(),
  clientid: z.string().optional(),
  textdescription: z.string().optional(),
  disabled: z.boolean().default(false),
  roles: z.array(z.object({ rolename: z.string() })).default([]),
});
const defaultAccessSchema = z.object({
  acls: z.array(z.object({ acltype: z.string(), allow: z.boolean() })),
});

export type RoleAtBroker = z.output<typeof roleSchema>;
export type AccountAtBroker = z.output<typeof accountSchema>;

/** What the broker has, by name: all of it, or as much as was asked for. */
export interface BrokerState {
  readonly roles: ReadonlyMap<string, RoleAtBroker>;
  readonly accounts: ReadonlyMap<string, AccountAtBroker>;
}

/** Everything the broker has. @throws when it answers with an error */
export async function readBrokerState(control: ControlChannel): Promise<BrokerState> {
  const roles = await readPages(
    control,
    'listRoles',
    z.object({ totalCount: z.int(), roles: z.array(roleSchema) }),
  );
  const accounts = await readPages(
    control,
    'listClients',
    z.object({ totalCount: z.int(), clients: z.array(accountSchema) }),
  );
  return {
    roles: new Map(roles.flatMap((page) => page.roles).map((role) => [role.rolename, role])),
    accounts: new Map(accounts.flatMap((page) => page.clients).map((account) => [account.username, account])),
  };
}

async function readPages<T extends { readonly totalCount: number }>(
  control: ControlChannel,
  command: string,
  schema: z.ZodType<T>,
): Promise<T[]> {
  const pages: T[] = [];
  for (let offset = 0, total = 1; offset < total; offset += PAGE_SIZE) {
    const [response] = await askAll(control, [{ command, verbose: true, count: PAGE_SIZE, offset }]);
    const page = schema.parse(response?.data);
    pages.push(page);
    total = page.totalCount;
  }
  return pages;
}

/** What the broker has of some accounts and their roles; what it doesn't have is left out. */
export async function readAccountsAtBroker(
  control: ControlChannel,
  named: readonly { readonly username: string; readonly rolename: string }[],
): Promise<BrokerState> {
  const roles = new Map<string, RoleAtBroker>();
  const accounts = new Map<string, AccountAtBroker>();
  if (named.length === 0) return { roles, accounts };
  const commands = named.flatMap(({ username, rolename }) => [
    { command: 'getRole', rolename },
    { command: 'getClient', username },
  ]);
  for (const { error, data } of await control.ask(commands)) {
    if (error !== undefined) {
      if (/not found/i.test(error)) continue;
      throw new Error(`the broker refused to show its accounts: ${error}`);
    }
    const found = z.union([z.object({ role: roleSchema }), z.object({ client: accountSchema })]).parse(data);
    if ('role' in found) roles.set(found.role.rolename, found.role);
    else accounts.set(found.client.username, found.client);
  }
  return { roles, accounts };
}

/** The broker's access where no rule applies. */
export async function readDefaultAccess(control: ControlChannel): Promise<ReadonlyMap<string, boolean>> {
  const [response] = await askAll(control, [{ command: 'getDefaultACLAccess' }]);
  return new Map(
    defaultAccessSchema.parse(response?.data).acls.map(({ acltype, allow }) => [acltype, allow]),
  );
}

/** As `ask`. @throws when one of the commands is answered with an error */
export async function askAll(
  control: ControlChannel,
  commands: readonly ControlCommand[],
): Promise<readonly ControlResponse[]> {
  const responses = await control.ask(commands);
  const failed = responses.find(({ error }) => error !== undefined);
  if (failed !== undefined) throw new Error(`the broker refused ${failed.command}: ${failed.error}`);
  return responses;
}
