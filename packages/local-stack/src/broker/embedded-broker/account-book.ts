import type { AclRule, AclType } from '@infoscreen/shared-types';
import { filterCovers, topicMatches } from '@infoscreen/shared-types';
import {
  type BrokerAccount,
  type BrokerAccounts,
  type BrokerRole,
  readAccounts,
  writeAccounts,
} from '../accounts-file.ts';
import { passwordMatches } from '../password-hash.ts';

type DefaultAccess = BrokerAccounts['defaultACLAccess'];

/** Accounts and roles of the embedded broker, and what they allow. Kept in a file; `save` before a change is answered. */
export class AccountBook {
  readonly accounts: Map<string, BrokerAccount>;
  readonly roles: Map<string, BrokerRole>;
  defaultAccess: DefaultAccess;
  readonly #path: string;

  constructor(path: string) {
    const stored = readAccounts(path);
    this.#path = path;
    this.accounts = new Map(stored.clients.map((account) => [account.username, account]));
    this.roles = new Map(stored.roles.map((role) => [role.rolename, role]));
    this.defaultAccess = stored.defaultACLAccess;
  }

  save(): void {
    writeAccounts(this.#path, {
      defaultACLAccess: this.defaultAccess,
      clients: [...this.accounts.values()],
      roles: [...this.roles.values()],
    });
  }

  /** A disabled account, another client id than the account's, and a wrong password look the same to the caller. */
  mayConnect(username: string, password: Buffer, clientId: string): boolean {
    const account = this.accounts.get(username);
    if (account === undefined || account.disabled === true) return false;
    if (account.clientid !== undefined && account.clientid !== clientId) return false;
    return passwordMatches(account, password);
  }

  mayPublish(username: string | undefined, topic: string): boolean {
    const decided = this.#firstRule(username, ['publishClientSend'], (rule) =>
      topicMatches(rule.topic, topic),
    );
    return decided ?? this.#fallback(username, 'publishClientSend');
  }

  mayReceive(username: string | undefined, topic: string): boolean {
    const decided = this.#firstRule(username, ['publishClientReceive'], (rule) =>
      topicMatches(rule.topic, topic),
    );
    return decided ?? this.#fallback(username, 'publishClientReceive');
  }

  maySubscribe(username: string | undefined, filter: string): boolean {
    const decided = this.#firstRule(username, ['subscribeLiteral', 'subscribePattern'], (rule) =>
      rule.acltype === 'subscribeLiteral' ? rule.topic === filter : filterCovers(rule.topic, filter),
    );
    return decided ?? this.#fallback(username, 'subscribe');
  }

  /** An account that is gone has no rights at all, whatever the default is. */
  #fallback(username: string | undefined, access: keyof DefaultAccess): boolean {
    return username !== undefined && this.accounts.has(username) && this.defaultAccess[access];
  }

  #firstRule(
    username: string | undefined,
    types: readonly AclType[],
    applies: (rule: AclRule) => boolean,
  ): boolean | undefined {
    const references = (username === undefined ? undefined : this.accounts.get(username)?.roles) ?? [];
    for (const { rolename } of references.toSorted(byPriority)) {
      const rules = this.roles.get(rolename)?.acls.filter((rule) => types.includes(rule.acltype)) ?? [];
      const rule = rules.toSorted(byPriority).find(applies);
      if (rule !== undefined) return rule.allow;
    }
    return undefined;
  }
}

/** Highest first; a role without a priority comes last. */
function byPriority(a: { priority?: number | undefined }, b: { priority?: number | undefined }): number {
  return (b.priority ?? -1) - (a.priority ?? -1);
}
