import type { BrokerKind } from '@infoscreen/local-stack';
import { DEVICE_TOPIC_SUFFIXES, parseInboundTopic } from '@infoscreen/shared-types';
import { eventually, scrapeMetrics } from '@infoscreen/test-kit';
import fc from 'fast-check';
import { type Expectation, RefusalOracle } from './expected-refusal.ts';
import { type FuzzMessage, fuzzMessages } from './fuzz-messages.ts';
import type { FuzzedScreens } from './fuzzed-screens.ts';
import type { MessageSenders } from './message-senders.ts';

const BATCH = 500;
/** The listener may be so many refusals behind: a broker keeps a bounded number of messages for a reader. */
const MAX_BEHIND = 5000;
const CATCH_UP_MS = 180_000;

export const REFUSED_METRIC = 'infoscreen_rejected_messages_total';

/** Sends generated messages, and keeps account of what has to become of each. */
export class MessageStream {
  readonly #senders: MessageSenders;
  readonly #seed: number;
  readonly #arbitrary: fc.Arbitrary<FuzzMessage>;
  readonly #oracle: RefusalOracle;
  readonly #expectations = new Map<Expectation, number>();
  #batches = 0;

  constructor(
    screens: FuzzedScreens,
    senders: MessageSenders,
    { seed, broker }: { readonly seed: number; readonly broker: BrokerKind },
  ) {
    this.#senders = senders;
    this.#seed = seed;
    const messages = fuzzMessages(screens);
    // The embedded broker ends the durable sessions that such a topic reaches; no account of a screen or service may send one.
    this.#arbitrary =
      broker === 'embedded' ? messages.filter(({ topic }) => !topic.includes('//')) : messages;
    this.#oracle = new RefusalOracle(screens);
  }

  get expectations(): ReadonlyMap<Expectation, number> {
    return this.#expectations;
  }

  get expectedRefusals(): number {
    const outcomes = [...this.#expectations];
    return outcomes.reduce((sum, [outcome, n]) => (isRefusal(outcome) ? sum + n : sum), 0);
  }

  /** Retained messages, for a listener that isn't there yet: each reaches it once, at its first subscription. */
  async sendKept(count: number): Promise<void> {
    const byTopic = new Map<string, FuzzMessage>();
    while (byTopic.size < count) {
      const kept = this.#generate().filter(
        (message) => message.payload.byteLength > 0 && isKeptForLane(message),
      );
      for (const message of kept.slice(0, count - byTopic.size)) byTopic.set(message.topic, message);
    }
    for (const message of byTopic.values()) {
      if (this.#note(message, true)) await this.#senders.send({ ...message, retain: true });
    }
  }

  /** Sends at least `count` messages; waits for the listener at `url` where it falls too far behind. */
  async send(count: number, url: string, afterBatch?: () => Promise<unknown>): Promise<void> {
    const goal = this.#senders.acknowledged() + count;
    while (this.#senders.acknowledged() < goal) {
      const messages = this.#generate().filter((message) => this.#note(message, false));
      await Promise.all(messages.map((message) => this.#senders.send(message)));
      await this.untilRefused(url, this.expectedRefusals - MAX_BEHIND);
      await afterBatch?.();
    }
  }

  /** Resolves when the listener has counted so many refusals. */
  async untilRefused(url: string, refusals: number): Promise<void> {
    if (refusals <= 0) return;
    await eventually(async () => (await scrapeMetrics(url)).sum(REFUSED_METRIC) >= refusals, {
      deadlineMs: CATCH_UP_MS,
      intervalMs: 200,
      what: `the listener counts ${refusals} refused messages`,
    });
  }

  #generate(): FuzzMessage[] {
    this.#batches += 1;
    return fc.sample(this.#arbitrary, { numRuns: BATCH, seed: this.#seed + this.#batches });
  }

  /** @returns whether it may be sent */
  #note(message: FuzzMessage, isKept: boolean): boolean {
    const expectation = this.#oracle.expect(message, isKept);
    if (expectation === 'unsure') return false;
    this.#expectations.set(expectation, (this.#expectations.get(expectation) ?? 0) + 1);
    return true;
  }
}

export function isRefusal(expectation: Expectation): boolean {
  return expectation !== 'accepted' && expectation !== 'unheard';
}

/** Telemetry that was retained is skipped by a listener that holds no lane yet, so nothing is said of it. */
function isKeptForLane({ topic }: FuzzMessage): boolean {
  const { heartbeat, health } = DEVICE_TOPIC_SUFFIXES;
  const isTelemetry = topic.endsWith(`/${heartbeat}`) || topic.endsWith(`/${health}`);
  return !isTelemetry && parseInboundTopic(topic)?.kind !== 'canary';
}
