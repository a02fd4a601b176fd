import { laneOf } from '@infoscreen/shared-types';
import type { MessageSource } from '../rates/message-source.ts';

/** Of the alias, as much as tells its senders apart; no more than is known of a message before it is parsed. */
const READ_OF_ALIAS_BYTES = 512;

/**
 * The one lane that stores the message: that of its client, or, where it names none, of its topic, so that it is refused
 * once. On the alias the bytes of the payload decide: to look for the UUID in it, every lane would have to parse whatever
 * is sent there. `canary` belongs to whoever subscribed to it.
 */
export function laneOfMessage(
  { topic, name }: Pick<MessageSource, 'topic' | 'name'>,
  payload: Uint8Array,
  laneCount: number,
): number | 'canary' {
  if (topic === undefined) return laneOf(name, laneCount);
  switch (topic.kind) {
    case 'canary':
      return 'canary';
    case 'discovery_alias': {
      const head = Buffer.from(payload.subarray(0, READ_OF_ALIAS_BYTES));
      return laneOf(head.toString('latin1'), laneCount);
    }
    default:
      return laneOf(topic.clientUuid, laneCount);
  }
}
