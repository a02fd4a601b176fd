import { DISCOVERY_ALIAS_TOPIC, type InboundTopic, parseInboundTopic } from '@infoscreen/shared-types';

/**
 * What is limited apart, so that a flood of one kind leaves the others through: reports of commands and failures, the
 * coming and going of a session, and telemetry.
 */
export type MessageClass = 'report' | 'session' | 'telemetry' | 'alias' | 'unknown';

/** Who sent a message, as far as the broker vouches for it, which is its topic alone. Costs no look into the payload. */
export interface MessageSource {
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

export function messageSource(topicName: string): MessageSource {
  const topic = parseInboundTopic(topicName);
  if (topic === undefined) {
    const key = `?${topicName.split('/', 2)[1] ?? ''}`.slice(0, MAX_KEY_LENGTH);
    return { topic, messageClass: 'unknown', key };
  }
  const messageClass = CLASS_OF_KIND[topic.kind];
  if (topic.kind === 'discovery_alias') return { topic, messageClass, key: DISCOVERY_ALIAS_TOPIC };
  return { topic, messageClass, key: topic.kind === 'canary' ? topicName : topic.clientUuid };
}
