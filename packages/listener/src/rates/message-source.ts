import { DISCOVERY_ALIAS_TOPIC, type InboundTopic, parseInboundTopic } from '@infoscreen/shared-types';

/**
 * What is limited apart, so that a flood of one kind leaves the others through: reports of commands and failures, the
 * coming and going of a session, and telemetry.
 */
export type MessageClass = 'report' | 'session' | 'telemetry' | 'alias' | 'unknown';

/** Who sent a message, as far as the broker vouches for it, which is its topic alone. Costs no look into the payload. */
export interface MessageSource {
  /** Of the topic, as it came. */
  readonly name: string;
  readonly topic: InboundTopic | undefined;
  /** `undefined` for our own canaries. */
  readonly messageClass: MessageClass | undefined;
  /** The client's UUID; the alias and, of topics that are none of the contract, the second level, are one source each. */
  readonly key: string;
}

const MAX_KEY_LENGTH = 64;

const CLASS_OF_KIND = {
  command_ack: 'report',
  command_ack_legacy: 'report',
  service_failed: 'report',
  discovery: 'session',
  presence: 'session',
  heartbeat: 'telemetry',
  health: 'telemetry',
  discovery_alias: 'alias',
  canary: undefined,
} as const satisfies Record<InboundTopic['kind'], MessageClass | undefined>;

export function messageSource(name: string): MessageSource {
  const topic = parseInboundTopic(name);
  if (topic === undefined) {
    const key = `?${name.split('/', 2)[1] ?? ''}`.slice(0, MAX_KEY_LENGTH);
    return { name, topic, messageClass: 'unknown', key };
  }
  const messageClass = CLASS_OF_KIND[topic.kind];
  if (topic.kind === 'discovery_alias') return { name, topic, messageClass, key: DISCOVERY_ALIAS_TOPIC };
  return { name, topic, messageClass, key: topic.kind === 'canary' ? name : topic.clientUuid };
}
