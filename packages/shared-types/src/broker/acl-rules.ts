import type { TopicAccess } from './topic-access.ts';

/** Kinds of rules of Mosquitto's dynamic-security plugin, under its own names. */
export const ACL_TYPES = [
  'publishClientSend',
  'publishClientReceive',
  'subscribeLiteral',
  'subscribePattern',
  'unsubscribeLiteral',
  'unsubscribePattern',
] as const;

export type AclType = (typeof ACL_TYPES)[number];

export interface AclRule {
  readonly acltype: AclType;
  readonly topic: string;
  readonly priority: number;
  readonly allow: boolean;
}

/** What no rule names, as the broker's default access says it: everything refused but giving up a subscription. */
export const DEFAULT_ACL_ACCESS = {
  publishClientSend: false,
  publishClientReceive: false,
  subscribe: false,
  unsubscribe: true,
} as const;

/** The rules of a broker role that grant exactly `access`. */
export function aclRules(access: TopicAccess): readonly AclRule[] {
  const allow = (acltype: AclType, topic: string): AclRule => ({ acltype, topic, priority: 0, allow: true });
  return [
    ...access.publish.map((topic) => allow('publishClientSend', topic)),
    ...access.receive.map((topic) => allow('publishClientReceive', topic)),
    ...access.subscribe.map((filter) =>
      allow(hasWildcard(filter) ? 'subscribePattern' : 'subscribeLiteral', filter),
    ),
  ];
}

function hasWildcard(filter: string): boolean {
  return filter.split('/').some((level) => level === '+' || level === '#');
}
