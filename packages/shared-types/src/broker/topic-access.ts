import { SERVICE_NAMES, type ServiceName } from '../http/monitoring.ts';
import {
  COMMAND_TOPIC_SUFFIXES,
  canaryTopic,
  DEVICE_TOPIC_SUFFIXES,
  DISCOVERY_ALIAS_TOPIC,
  deviceTopic,
  TOPIC_ROOT,
} from '../mqtt/topics.ts';
import { filterCovers } from './topic-filter.ts';

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

/** `server`: sends commands, and clears the retained presence of a deleted client. It reads nothing. */
export function serverAccess(): TopicAccess {
  return { ...schedulerAccess(), publish: [...schedulerAccess().publish, deviceTopic('+', 'presence')] };
}

/** `scheduler`: sends commands, to any screen on both topics. It reads nothing. */
export function schedulerAccess(): TopicAccess {
  const commands = Object.values(COMMAND_TOPIC_SUFFIXES).map((suffix) => `${TOPIC_ROOT}/+/${suffix}`);
  return { publish: commands, subscribe: [], receive: [] };
}

/** `listener`: reads what screens say, and sends and reads its own canaries. It sends no commands, and doesn't read them. */
export function listenerAccess(): TopicAccess {
  const heard = [
    ...Object.values(DEVICE_TOPIC_SUFFIXES).map((suffix) => `${TOPIC_ROOT}/+/${suffix}`),
    DISCOVERY_ALIAS_TOPIC,
    canaryTopic('+'),
  ];
  return { publish: [canaryTopic('+')], subscribe: heard, receive: heard };
}

/** An operator: reads everything of the fleet and sends nothing. */
export function watchAccess(): TopicAccess {
  const everything = [`${TOPIC_ROOT}/#`];
  return { publish: [], subscribe: everything, receive: everything };
}

const ACCESS_OF_SERVICE: Readonly<Record<ServiceName, () => TopicAccess>> = {
  server: serverAccess,
  listener: listenerAccess,
  scheduler: schedulerAccess,
};

/** What the services that share an account need together. */
export function accessOfServices(services: readonly ServiceName[]): TopicAccess {
  return unitedAccess(services.map((service) => ACCESS_OF_SERVICE[service]()));
}

/** One account for all three services, with which an operator may watch as well. Not a device's telemetry or ACKs. */
export function serviceAccess(): TopicAccess {
  return unitedAccess([watchAccess(), accessOfServices(SERVICE_NAMES)]);
}

/** Everything that one of `accesses` grants; what a filter among them covers already isn't named again. */
export function unitedAccess(accesses: readonly TopicAccess[]): TopicAccess {
  const united = (part: keyof TopicAccess) => {
    const filters = [...new Set(accesses.flatMap((access) => access[part]))];
    return filters.filter(
      (filter) => !filters.some((other) => other !== filter && filterCovers(other, filter)),
    );
  };
  return { publish: united('publish'), subscribe: united('subscribe'), receive: united('receive') };
}

const CONTROL = '$CONTROL/dynamic-security';
export const CONTROL_REQUEST_TOPIC = `${CONTROL}/v1`;
export const CONTROL_RESPONSE_TOPIC = `${CONTROL}/v1/response`;

/** The account with which `server` writes the other accounts; it takes no part in the fleet's traffic. */
export function accountAdminAccess(): TopicAccess {
  return { publish: [`${CONTROL}/#`], subscribe: [`${CONTROL}/#`], receive: [`${CONTROL}/#`] };
}
