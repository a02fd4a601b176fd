import { laneOf, parseInboundMessage, parseInboundTopic } from '@infoscreen/shared-types';

/**
 * The one lane that stores the message: that of its client, or, where it names none that can be read, of its topic, so
 * that it is refused once. `canary` belongs to whoever subscribed to it. Reads the payload only where it must.
 */
export function laneOfMessage(topic: string, payload: Uint8Array, laneCount: number): number | 'canary' {
  const parsed = parseInboundTopic(topic);
  if (parsed === undefined) return laneOf(topic, laneCount);
  switch (parsed.kind) {
    case 'canary':
      return 'canary';
    case 'discovery_alias': {
      const alias = parseInboundMessage(topic, payload);
      const client = alias.ok === true && 'clientUuid' in alias.message ? alias.message.clientUuid : topic;
      return laneOf(client, laneCount);
    }
    default:
      return laneOf(parsed.clientUuid, laneCount);
  }
}
