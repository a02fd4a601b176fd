import {
  canaryTopic,
  DEVICE_TOPIC_SUFFIXES,
  type DeviceTopicKind,
  DISCOVERY_ALIAS_TOPIC,
  fleetFilter,
  type InboundMessage,
  parseInboundMessage,
  type RejectionReason,
  topicMatches,
} from '@infoscreen/shared-types';
import type { FuzzMessage } from './fuzz-messages.ts';
import { type FuzzedScreens, PENDING_BEFORE } from './fuzzed-screens.ts';

/** The bound of the listener on clients that are known from the alias alone. */
const MAX_PENDING_CLIENTS = 1000;

const HEARD = [
  ...(Object.keys(DEVICE_TOPIC_SUFFIXES) as DeviceTopicKind[]).map(fleetFilter),
  DISCOVERY_ALIAS_TOPIC,
  canaryTopic('+'),
];

/** `unsure`: what comes of it depends on the order in which others are stored, so it must not be sent. */
export type Expectation = RejectionReason | 'accepted' | 'unheard' | 'unsure';

/**
 * Says what the listener must do with each message, by the contract alone. It keeps account of what earlier messages
 * have introduced; each message is asked about once, in the order in which they are sent.
 */
export class RefusalOracle {
  readonly #screens: FuzzedScreens;
  readonly #known: Set<string>;
  readonly #deleted: Set<string>;
  readonly #unknown: Set<string>;
  readonly #named = new Set<string>();
  /** Refused as unknown: introduced later, it may be known by the time that it is looked for. */
  readonly #missed = new Set<string>();
  #pending = PENDING_BEFORE;

  constructor(screens: FuzzedScreens) {
    this.#screens = screens;
    this.#known = new Set(screens.known);
    this.#deleted = new Set(screens.deleted);
    this.#unknown = new Set(screens.unknown);
  }

  /** @param isKept the broker delivers it as retained, to a subscription that is new */
  expect({ topic, payload }: FuzzMessage, isKept = false): Expectation {
    if (!HEARD.some((filter) => topicMatches(filter, topic))) return 'unheard';
    const parsed = parseInboundMessage(topic, payload);
    if (parsed.ok === 'ignore') return 'accepted';
    if (!parsed.ok) return parsed.reason;
    if (parsed.message.kind === 'canary') return 'accepted';
    if (isKept && parsed.message.kind !== 'presence') return 'retained';
    return this.#expectParsed(parsed.message);
  }

  #expectParsed(message: Exclude<InboundMessage, { kind: 'canary' }>): Expectation {
    const { clientUuid } = message;
    if (this.#deleted.has(clientUuid)) return 'unknown_client';
    const isKnown = this.#known.has(clientUuid);
    if (message.kind === 'discovery' || message.kind === 'discovery_alias') {
      return isKnown ? 'accepted' : this.#expectNew(clientUuid, message.kind);
    }
    if (!isKnown) {
      // One that was introduced, whether or not it is stored already.
      if (this.#named.has(clientUuid)) return 'unsure';
      this.#missed.add(clientUuid);
      return 'unknown_client';
    }
    if (message.kind !== 'command_ack' && message.kind !== 'command_ack_legacy') return 'accepted';
    const own = this.#screens.commands.get(clientUuid) ?? [];
    return own.includes(message.payload.command_id) ? 'accepted' : 'unknown_command';
  }

  #expectNew(clientUuid: string, kind: 'discovery' | 'discovery_alias'): Expectation {
    if (this.#unknown.has(clientUuid) || this.#named.has(clientUuid) || this.#missed.has(clientUuid))
      return 'unsure';
    this.#named.add(clientUuid);
    if (kind === 'discovery') return 'accepted';
    this.#pending += 1;
    return this.#pending > MAX_PENDING_CLIENTS ? 'too_many_pending_clients' : 'accepted';
  }
}
