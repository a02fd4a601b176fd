import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { CommandAction } from '@infoscreen/shared-types';
import type { AcceptedCommand } from '../books/records.ts';
import { pick, type Random } from '../run/random.ts';
import type { Operator } from './operator.ts';

export interface CommandStreamOptions {
  readonly operator: Operator;
  readonly serverUrls: readonly string[];
  readonly clientUuids: readonly string[];
  readonly perSecond: number;
  readonly random: Random;
}

/** A key whose holder was killed is free again after a minute. */
const RETRY_FOR_MS = 100_000;
const RETRY_AFTER_MS = 1500;
const CANCELLED_SHARE = 0.1;

/** Requests for commands, one after the other at a pace, to all servers; an unknown answer is asked for again. */
export class CommandStream {
  readonly accepted: AcceptedCommand[] = [];
  /** The key of every request. */
  readonly requested = new Set<string>();
  /** Requests that were made again with the same key. */
  repeated = 0;
  /** Requests to which no clear answer came in time: what the last one was. */
  readonly unanswered: string[] = [];
  readonly #options: CommandStreamOptions;
  readonly #open = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CommandStreamOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#options.perSecond === 0) return;
    this.#timer = setInterval(() => {
      const request = this.#request().finally(() => this.#open.delete(request));
      this.#open.add(request);
    }, 1000 / this.#options.perSecond);
  }

  /** No new requests; resolves when the open ones have their answers. */
  async finish(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
  }

  async #request(): Promise<void> {
    const { operator, serverUrls, clientUuids, random } = this.#options;
    const clientUuid = pick(random, clientUuids);
    const action = pickAction(random);
    const key = randomUUID();
    this.requested.add(key);
    const giveUpAt = Date.now() + RETRY_FOR_MS;
    let last = '';
    while (Date.now() < giveUpAt) {
      const serverUrl = pick(random, serverUrls);
      const answer = await operator.issue(serverUrl, { clientUuid, action, key });
      if (answer.kind === 'accepted') {
        const { commandId, status } = answer;
        const isCancelled =
          status === 'queued' && random() < CANCELLED_SHARE && (await operator.cancel(serverUrl, commandId));
        this.accepted.push({ commandId, key, clientUuid, action, acceptedAt: Date.now(), isCancelled });
        return;
      }
      last = answer.detail;
      this.repeated += 1;
      await pause(RETRY_AFTER_MS);
    }
    this.unanswered.push(last);
  }
}

function pickAction(random: Random): CommandAction {
  const share = random();
  if (share < 0.8) return 'restart_app';
  return share < 0.95 ? 'reboot_host' : 'shutdown_host';
}
