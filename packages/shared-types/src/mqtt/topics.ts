import { isUuid } from '../text.ts';

/** First level of every topic of the fleet. */
export const TOPIC_ROOT = 'infoscreen';

/** Last levels of the topics on which a device speaks. */
export const DEVICE_TOPIC_SUFFIXES = {
  discovery: 'discovery',
  heartbeat: 'heartbeat',
  health: 'health',
  service_failed: 'service_failed',
  presence: 'presence',
  command_ack: 'commands/ack',
  command_ack_legacy: 'command/ack',
} as const;

/** Last levels of the topics on which a device is spoken to; `command` is the alias for older agents. */
export const COMMAND_TOPIC_SUFFIXES = { command: 'commands', command_legacy: 'command' } as const;

/** Alias for older agents: the UUID stands in the payload only, so it is believed less. */
export const DISCOVERY_ALIAS_TOPIC = `${TOPIC_ROOT}/discovery`;

const ROOT_LEVEL = `${TOPIC_ROOT}/`;

/** Second level of the topics on which a service proves that its own stream flows. No device account may touch them. */
const CANARY_LEVEL = '_canary';

export type DeviceTopicKind = keyof typeof DEVICE_TOPIC_SUFFIXES;

export type InboundTopic =
  | { readonly kind: DeviceTopicKind; readonly clientUuid: string }
  | { readonly kind: 'discovery_alias' }
  | { readonly kind: 'canary'; readonly name: string };

const KIND_BY_SUFFIX: ReadonlyMap<string, DeviceTopicKind> = new Map(
  Object.entries(DEVICE_TOPIC_SUFFIXES).map(([kind, suffix]) => [suffix, kind as DeviceTopicKind]),
);

export function deviceTopic(clientUuid: string, kind: DeviceTopicKind): string {
  return `${TOPIC_ROOT}/${clientUuid}/${DEVICE_TOPIC_SUFFIXES[kind]}`;
}

/** The topics on which a command goes out: the current one, then the alias when older agents are served. */
export function commandTopics(clientUuid: string, { legacy }: { legacy: boolean }): readonly string[] {
  const current = `${TOPIC_ROOT}/${clientUuid}/${COMMAND_TOPIC_SUFFIXES.command}`;
  return legacy
    ? [current, `${TOPIC_ROOT}/${clientUuid}/${COMMAND_TOPIC_SUFFIXES.command_legacy}`]
    : [current];
}

export function canaryTopic(name: string): string {
  return `${TOPIC_ROOT}/${CANARY_LEVEL}/${name}`;
}

/** Subscription filter for one kind over all clients. */
export function fleetFilter(kind: DeviceTopicKind): string {
  return deviceTopic('+', kind);
}

/** Reads a topic that a message came on; `undefined` where it is none of ours or its UUID isn't lower-case canonical. */
export function parseInboundTopic(topic: string): InboundTopic | undefined {
  if (topic === DISCOVERY_ALIAS_TOPIC) return { kind: 'discovery_alias' };
  const secondEnd = topic.indexOf('/', ROOT_LEVEL.length);
  if (!topic.startsWith(ROOT_LEVEL) || secondEnd === -1) return undefined;
  const second = topic.slice(ROOT_LEVEL.length, secondEnd);
  const rest = topic.slice(secondEnd + 1);
  if (second === CANARY_LEVEL) return rest.includes('/') ? undefined : { kind: 'canary', name: rest };
  const kind = KIND_BY_SUFFIX.get(rest);
  return kind !== undefined && isUuid(second) ? { kind, clientUuid: second } : undefined;
}
