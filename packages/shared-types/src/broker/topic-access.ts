import {
  COMMAND_TOPIC_SUFFIXES,
  canaryTopic,
  DEVICE_TOPIC_SUFFIXES,
  DISCOVERY_ALIAS_TOPIC,
  TOPIC_ROOT,
} from '../mqtt/topics.ts';

/** What an account may do at the broker; whatever no rule names is refused. */
export interface TopicAccess {
  /** Topic filters it may publish to, its last will included. */
  readonly publish: readonly string[];
  /** Subscription filters that are granted: exactly these, or (with a wildcard) every filter that they cover. */
  readonly subscribe: readonly string[];
  /** Topic filters of which it is given messages. */
  readonly receive: readonly string[];
}

/** A screen: publishes its own telemetry and ACKs, reads its own commands, and nothing else. */
export function deviceAccess(clientUuid: string): TopicAccess {
  const own = (suffix: string) => `${TOPIC_ROOT}/${clientUuid}/${suffix}`;
  const commands = Object.values(COMMAND_TOPIC_SUFFIXES).map(own);
  return {
    publish: [...Object.values(DEVICE_TOPIC_SUFFIXES).map(own), DISCOVERY_ALIAS_TOPIC],
    subscribe: commands,
    receive: commands,
  };
}

/**
 * The services (and an operator who watches): read everything of the fleet, send commands, clear a deleted client's
 * retained presence, and send their own canaries. Not `$SYS`, not `$CONTROL`, not a device's telemetry or ACKs.
 */
export function serviceAccess(): TopicAccess {
  const everything = `${TOPIC_ROOT}/#`;
  return {
    publish: [
      ...Object.values(COMMAND_TOPIC_SUFFIXES).map((suffix) => `${TOPIC_ROOT}/+/${suffix}`),
      `${TOPIC_ROOT}/+/${DEVICE_TOPIC_SUFFIXES.presence}`,
      canaryTopic('+'),
    ],
    subscribe: [everything],
    receive: [everything],
  };
}

const CONTROL = '$CONTROL/dynamic-security';
export const CONTROL_REQUEST_TOPIC = `${CONTROL}/v1`;
export const CONTROL_RESPONSE_TOPIC = `${CONTROL}/v1/response`;

/** The account with which `server` writes the other accounts; it takes no part in the fleet's traffic. */
export function accountAdminAccess(): TopicAccess {
  return { publish: [`${CONTROL}/#`], subscribe: [`${CONTROL}/#`], receive: [`${CONTROL}/#`] };
}
