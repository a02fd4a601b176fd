import type { MqttSubscription } from '@infoscreen/service-kit';
import { canaryTopic, DISCOVERY_ALIAS_TOPIC, fleetFilter } from '@infoscreen/shared-types';
import { identityCanaryName, laneCanaryName } from '../canary/canary-message.ts';
import type { LaneLease } from './lane-leases.ts';

/**
 * The durable sessions of a set of lanes: `reports` of each lane (ACKs and failures), and one of `identity` for all of them
 * (discovery, presence), which goes with lane 0. A storm of the one never stands before the other in a queue of the broker.
 */
export type LanePart = 'reports' | 'identity';

const IDENTITY_LANE = 0;

/** A session of reports from before the split has these too, until it is known that the other session has them. */
export const IDENTITY_FILTERS = [fleetFilter('discovery'), DISCOVERY_ALIAS_TOPIC, fleetFilter('presence')];
const REPORT_FILTERS = [
  fleetFilter('command_ack'),
  fleetFilter('command_ack_legacy'),
  fleetFilter('service_failed'),
];

export function partsOf({ lane }: Pick<LaneLease, 'lane'>): readonly LanePart[] {
  return lane === IDENTITY_LANE ? ['reports', 'identity'] : ['reports'];
}

/** Of the session that the broker keeps; another number of lanes has sessions of its own. */
export function partClientId(
  { laneCount, lane }: Pick<LaneLease, 'laneCount' | 'lane'>,
  part: LanePart,
): string {
  return part === 'reports'
    ? `infoscreen-listener-lane-${laneCount}-${lane}`
    : `infoscreen-listener-identity-${laneCount}`;
}

/** Each session of reports hears the canary of the identity session too: then that one has taken over. */
export function partSubscriptions(lease: LaneLease, part: LanePart): readonly MqttSubscription[] {
  const identityCanary = canaryTopic(identityCanaryName(lease));
  const filters =
    part === 'reports'
      ? [...REPORT_FILTERS, canaryTopic(laneCanaryName(lease)), identityCanary]
      : [...IDENTITY_FILTERS, identityCanary];
  return filters.map((filter) => ({ filter, qos: 1 }));
}
