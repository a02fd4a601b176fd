import { type AclRule, isUuid } from '@infoscreen/shared-types';
import type { BrokerState, RoleAtBroker } from './broker-state.ts';
import type { ControlCommand } from './control-channel.ts';

/** Roles of screens are named after them, so that those of unknown screens can be told and removed. */
const DEVICE_ROLE_PREFIX = 'device-';

export const deviceRoleName = (clientUuid: string) => `${DEVICE_ROLE_PREFIX}${clientUuid}`;

const SERVICE_ROLE = 'infoscreen-service';
/** Begins the description of an account that we made for services. */
export const SERVICE_MARKER = 'services ';

/** Of the account that services share by default (null), or of one that a service has to itself. */
export const serviceRoleName = (username: string | null) =>
  username === null ? SERVICE_ROLE : `${SERVICE_ROLE}-${username}`;

/** An account as it should be. */
export interface DesiredAccount {
  readonly username: string;
  readonly rolename: string;
  readonly acls: readonly AclRule[];
  /** The only client id that the broker takes from it; null: any. */
  readonly clientId: string | null;
  /** Kept with the account at the broker; another one there means another password. */
  readonly marker: string;
  /** Nobody may connect with it, and who is connected is cut. */
  readonly isDisabled: boolean;
  readonly password: () => string;
}

/** The commands that bring one account to its desired state; none where it is there already. */
export interface AccountPlan {
  readonly username: string;
  readonly commands: readonly ControlCommand[];
}

/** Pure. Each difference is one command; equal accounts are left alone, because changing one cuts its connection. */
export function planAccount(desired: DesiredAccount, state: BrokerState): AccountPlan {
  const { username, rolename } = desired;
  const role = state.roles.get(rolename);
  const account = state.accounts.get(username);
  const commands: ControlCommand[] = [];
  if (role === undefined) commands.push({ command: 'createRole', rolename, acls: desired.acls });
  else if (!sameRules(role.acls, desired.acls))
    commands.push({ command: 'modifyRole', rolename, acls: desired.acls });

  if (account === undefined) {
    commands.push({ command: 'createClient', ...accountFields(desired) });
    if (desired.isDisabled) commands.push({ command: 'disableClient', username });
    return { username, commands };
  }
  const isRight =
    account.textdescription === desired.marker &&
    (account.clientid ?? null) === desired.clientId &&
    account.roles.length === 1 &&
    account.roles[0]?.rolename === rolename;
  if (!isRight) commands.push({ command: 'modifyClient', ...accountFields(desired) });
  if (account.disabled !== desired.isDisabled)
    commands.push({ command: desired.isDisabled ? 'disableClient' : 'enableClient', username });
  return { username, commands };
}

function accountFields({ username, password, clientId, marker, rolename }: DesiredAccount) {
  return {
    username,
    password: password(),
    clientid: clientId ?? '',
    textdescription: marker,
    roles: [{ rolename }],
  };
}

function sameRules(actual: RoleAtBroker['acls'], desired: readonly AclRule[]): boolean {
  const text = (rules: readonly { acltype: string; topic: string; allow: boolean }[]) =>
    rules
      .map(({ acltype, topic, allow }) => `${acltype} ${topic} ${allow}`)
      .sort()
      .join('\n');
  return text(actual) === text(desired);
}

/** Removes an account and its role, as far as they are there. */
export function planRemoval(username: string, state: BrokerState): AccountPlan {
  const rolename = deviceRoleName(username);
  return {
    username,
    commands: [
      ...(state.accounts.has(username) ? [{ command: 'deleteClient', username }] : []),
      ...(state.roles.has(rolename) ? [{ command: 'deleteRole', rolename }] : []),
    ],
  };
}

/** Names of screens' accounts and roles at the broker that nobody wants: left over, or made by somebody else. */
export function unknownDevices(state: BrokerState, wanted: ReadonlySet<string>): string[] {
  const named = [
    ...state.accounts.keys(),
    ...[...state.roles.keys()]
      .filter((rolename) => rolename.startsWith(DEVICE_ROLE_PREFIX))
      .map((rolename) => rolename.slice(DEVICE_ROLE_PREFIX.length)),
  ];
  return [...new Set(named)].filter((name) => isUuid(name) && !wanted.has(name));
}

/**
 * Removes the accounts and roles that we made for services and that no service has any more: a name that was changed
 * would else open the broker for ever. What somebody else made is left alone.
 */
export function planServiceRemovals(
  state: BrokerState,
  wanted: readonly Pick<DesiredAccount, 'username' | 'rolename'>[],
): AccountPlan[] {
  const isOurRole = (rolename: string) =>
    rolename === SERVICE_ROLE || rolename.startsWith(`${SERVICE_ROLE}-`);
  const leftAccounts = [...state.accounts.values()].filter(
    ({ username, textdescription = '', roles }) =>
      !wanted.some((account) => account.username === username) &&
      (textdescription.startsWith(SERVICE_MARKER) || roles.some(({ rolename }) => isOurRole(rolename))),
  );
  const leftRoles = [...state.roles.keys()].filter(
    (rolename) => isOurRole(rolename) && !wanted.some((account) => account.rolename === rolename),
  );
  return [
    ...leftAccounts.map(({ username }) => ({ username, commands: [{ command: 'deleteClient', username }] })),
    ...leftRoles.map((rolename) => ({ username: rolename, commands: [{ command: 'deleteRole', rolename }] })),
  ];
}
