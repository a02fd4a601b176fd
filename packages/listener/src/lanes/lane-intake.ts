import type { CounterMetric, MessageHead, ReceivedMessage } from '@infoscreen/service-kit';
import { parseInboundPayload, parseInboundTopic } from '@infoscreen/shared-types';
import { identityCanaryName, readCanary } from '../canary/canary-message.ts';
import { type ClientIdentity, identityOfDiscovery, identityOfPresence } from '../identity/client-identity.ts';
import { IdentityWriter } from '../identity/identity-writer.ts';
import { ClientQueue } from '../intake/client-queue.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import { laneOfMessage } from '../intake/lane-of-message.ts';
import { storeMessage } from '../intake/store-message.ts';
import { StoringEpisode } from '../intake/storing-episode.ts';
import type { WorkLimit } from '../intake/work-limit.ts';
import { RATE_LIMITED } from '../rates/client-rates.ts';
import { type MessageSource, messageSource } from '../rates/message-source.ts';
import { shedSurplus } from '../rates/shed-surplus.ts';
import type { LaneLease } from './lane-leases.ts';
import type { LanePart } from './lane-parts.ts';
import type { LaneProof } from './lane-proof.ts';

/** Messages of one lane that are held in memory; more stay with the broker. */
const MAX_HELD = 1000;
/** Of those, of one client: it can't fill up the lane for the others. What it sends beyond is refused. */
const MAX_HELD_PER_CLIENT = 300;
const MAX_HELD_BYTES_PER_CLIENT = 2 * 1024 * 1024;
const MAX_HELD_BYTES = 8 * 1024 * 1024;
const DRAIN_TIMEOUT_MS = 2000;

export interface LaneIntakeDeps {
  readonly intake: IntakeDeps;
  readonly limit: WorkLimit;
  readonly part: LanePart;
  readonly proof: LaneProof;
  /** A canary of this lease is stored. */
  readonly onCanary?: (part: LanePart) => void;
  /** Discoveries and presences go to the session that is theirs, so this one needs them no more. */
  readonly onIdentityElsewhere: () => void;
}

/** Takes the messages of one connection of a lane, stores them, and acknowledges each when it is stored. */
export class LaneIntake {
  readonly #lease: LaneLease;
  readonly #deps: LaneIntakeDeps;
  readonly #queue: ClientQueue;
  readonly #identities: IdentityWriter;
  readonly #received: CounterMetric;
  /** Set by the first canary of a connection: what came before it was kept by the broker, and is no sign of life. */
  #isLive = false;
  #isDraining = false;

  constructor(lease: LaneLease, deps: LaneIntakeDeps) {
    this.#lease = lease;
    this.#deps = deps;
    const { logger, metrics } = deps.intake;
    const episode = new StoringEpisode(logger, { stream: this.#stream });
    this.#queue = new ClientQueue({
      run: deps.part === 'reports' ? deps.limit.run : deps.limit.runInBackground,
      maxHeld: MAX_HELD,
      maxHeldPerClient: MAX_HELD_PER_CLIENT,
      maxHeldBytesPerClient: MAX_HELD_BYTES_PER_CLIENT,
      maxHeldBytes: MAX_HELD_BYTES,
      onRetry: (error) => episode.failed(error),
      onSuccess: () => episode.succeeded(),
    });
    this.#identities = new IdentityWriter({
      intake: deps.intake,
      runInBackground: deps.limit.runInBackground,
    });
    this.#received = metrics.counter('infoscreen_messages_received_total', 'Messages of the lanes held.', [
      'stream',
    ]);
  }

  get #stream(): string {
    return this.#deps.part === 'reports' ? 'lane' : 'identity';
  }

  connectionChanged(): void {
    this.#isLive = false;
  }

  /** Messages of other lanes, and the surplus of a client that floods, aren't worth parsing. */
  shed(head: MessageHead): boolean {
    if (this.#isDraining) return false;
    const source = messageSource(head.topic);
    if (source.topic?.kind === 'canary') return false;
    if (!this.#isMine(source, head.payloadHead)) return true;
    const arriving = { source, head, isLive: this.#isLive };
    return shedSurplus(this.#deps.intake, arriving, () => this.#received.inc({ stream: this.#stream }));
  }

  /** @returns while too much is held: a promise that resolves when there is room again */
  take(message: ReceivedMessage): Promise<void> | undefined {
    // Left with the broker, for the lane's next holder.
    if (this.#isDraining) return undefined;
    const source = messageSource(message.topic);
    if (source.topic?.kind === 'canary') return this.#takeCanary(source.topic.name, message);
    if (!this.#isMine(source, message.payload)) {
      message.acknowledge();
      return undefined;
    }
    this.#received.inc({ stream: this.#stream });
    if (!this.#admits(source, message)) {
      this.#refuse(source, message);
      return undefined;
    }
    const hasRoom = this.#hold(source, message);
    return hasRoom === undefined ? undefined : this.#noteStall(hasRoom);
  }

  #hold(source: MessageSource, message: ReceivedMessage): Promise<void> | undefined {
    // Of this moment: a canary that is stored later says nothing of what came before it.
    const isLive = this.#isLive;
    const identity = identityOf(source, message, isLive);
    if (identity !== undefined) return this.#identities.add(identity);
    return this.#queue.push(source.key, {
      run: async () => {
        await storeMessage(this.#deps.intake, message, isLive);
        message.acknowledge();
      },
      giveUp: (error) => this.#giveUp(message, error),
      bytes: message.payload.byteLength,
      isShared: source.topic?.kind === 'command_ack' || source.topic?.kind === 'command_ack_legacy',
    });
  }

  async #noteStall(hasRoom: Promise<void>): Promise<void> {
    const startedAt = performance.now();
    await hasRoom;
    this.#deps.intake.rates.noteStall(performance.now() - startedAt);
  }

  /** Ends after what is being stored; what comes meanwhile is left with the broker. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    await Promise.all([this.#queue.drain(DRAIN_TIMEOUT_MS), this.#identities.drain(DRAIN_TIMEOUT_MS)]);
    this.#queue.close();
    this.#identities.close();
  }

  /** Resolves when all that has been taken is stored, however long it takes, or after `close`. */
  async settle(): Promise<void> {
    this.#isDraining = true;
    await Promise.all([this.#queue.drain(), this.#identities.drain()]);
  }

  close(): void {
    this.#isDraining = true;
    this.#queue.close();
    this.#identities.close();
  }

  #admits(source: MessageSource, message: ReceivedMessage): boolean {
    const { rates } = this.#deps.intake;
    const surplus = { bytes: message.payload.byteLength, isLive: this.#isLive };
    if (!rates.admits(source, message, surplus)) return false;
    const holder = source.messageClass === 'session' ? this.#identities : this.#queue;
    if (message.dup || holder.hasRoomFor(source.key)) return true;
    rates.noteRefused(source, surplus);
    return false;
  }

  /** Recorded or counted before the broker may forget it. */
  #refuse({ topic }: MessageSource, message: ReceivedMessage): void {
    const clientUuid = topic !== undefined && 'clientUuid' in topic ? topic.clientUuid : undefined;
    void this.#deps.intake.rejections
      .recordOrCount({ topic: message.topic, payload: message.payload, clientUuid, ...RATE_LIMITED })
      .then(() => message.acknowledge());
  }

  /** The identity session gets the messages of all lanes, and stores them. */
  #isMine(source: MessageSource, payload: Uint8Array): boolean {
    const { lane, laneCount } = this.#lease;
    return this.#deps.part === 'identity' || laneOfMessage(source, payload, laneCount) === lane;
  }

  #takeCanary(name: string, message: ReceivedMessage): undefined {
    const { part, proof } = this.#deps;
    const isOfIdentity = name === identityCanaryName(this.#lease);
    if (isOfIdentity && part === 'reports') this.#deps.onIdentityElsewhere();
    // One of an earlier holder proves nothing of this connection.
    const isMine =
      isOfIdentity === (part === 'identity') && readCanary(message.payload)?.epoch === this.#lease.epoch;
    if (!isMine) {
      message.acknowledge();
      return undefined;
    }
    this.#isLive = true;
    const committed = () => {
      proof.proven(part);
      message.acknowledge();
      this.#deps.onCanary?.(part);
    };
    // Each part by the way that its messages take.
    if (part === 'identity') this.#identities.storeWithNext((db) => proof.store(db, part), committed);
    else {
      void this.#queue.push(name, {
        run: async () => {
          await proof.store(this.#deps.intake.pool, part);
          committed();
        },
        giveUp: (error) => this.#giveUp(message, error),
        bytes: message.payload.byteLength,
      });
    }
    return undefined;
  }

  /** A message that can't be stored must not stop the ones behind it. */
  async #giveUp(message: ReceivedMessage, error: unknown): Promise<void> {
    const { logger, rejections } = this.#deps.intake;
    logger.error('message is not storable', { topic: message.topic, error });
    const parsed = parseInboundTopic(message.topic);
    await rejections.record({
      topic: message.topic,
      payload: message.payload,
      clientUuid: parsed !== undefined && 'clientUuid' in parsed ? parsed.clientUuid : undefined,
      reason: 'not_storable',
      detail: error instanceof Error ? error.message.slice(0, 500) : 'unknown error',
    });
    message.acknowledge();
  }
}

/** What is written in batches; `undefined` for all else, and for what has to be refused. */
function identityOf(
  { topic }: MessageSource,
  message: ReceivedMessage,
  isLive: boolean,
): ClientIdentity | undefined {
  if (topic?.kind !== 'discovery' && topic?.kind !== 'presence') return undefined;
  const parsed = parseInboundPayload(topic, message.payload);
  if (parsed.ok !== true) return undefined;
  const { message: told } = parsed;
  if (told.kind === 'presence') return identityOfPresence(told.clientUuid, told.payload, { message, isLive });
  if (told.kind !== 'discovery' || message.retain) return undefined;
  return identityOfDiscovery(told.clientUuid, told.payload, { message, isLive });
}
