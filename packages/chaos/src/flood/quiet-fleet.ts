import { setTimeout as pause } from 'node:timers/promises';
import type { ApiUser } from '@infoscreen/test-kit';
import type pg from 'pg';
import { type Latencies, latenciesOf } from './latencies.ts';
import type { QuietScreen } from './quiet-screen.ts';

/** How exactly it is known when a heartbeat was stored. */
const LOOK_EVERY_MS = 20;

export interface QuietPlan {
  readonly heartbeatSeconds: number;
  readonly commandsPerSecond: number;
}

export interface QuietFigures {
  /** From the ACK's departure to its row in the timeline. */
  readonly acks: Latencies;
  /** From the heartbeat's departure until `last_alive` shows it. */
  readonly heartbeats: Latencies;
  readonly commandsAsked: number;
  /** Commands that were not taken, or whose ACKs are not stored. */
  readonly lost: number;
}

/** The screens that don't flood: heartbeats, commands and their ACKs at a steady rate, and how long it takes to store them. */
export class QuietFleet {
  readonly #screens: readonly QuietScreen[];
  readonly #admin: ApiUser;
  readonly #pool: pg.Pool;
  readonly #plan: QuietPlan;

  constructor(screens: readonly QuietScreen[], admin: ApiUser, pool: pg.Pool, plan: QuietPlan) {
    this.#screens = screens;
    this.#admin = admin;
    this.#pool = pool;
    this.#plan = plan;
  }

  /** Works until `over` is, and waits at most `settleSeconds` for what is on its way then. */
  async measure(over: Promise<unknown>, settleSeconds: number): Promise<QuietFigures> {
    const stop = new AbortController();
    const asked: string[] = [];
    const refused: number[] = [];
    const seen: number[] = [];
    const before = new Set(this.#screens.flatMap(({ acks }) => acks.map(({ commandId }) => commandId)));
    const looking = this.#look(seen, stop.signal);
    const work = new AbortController();
    const working = Promise.all([this.#beat(work.signal), this.#command(asked, refused, work.signal)]);
    await over;
    work.abort();
    await working;
    const stored = await this.#storedAcks(asked, settleSeconds);
    await untilOrLate(() => this.#unseen() === 0, settleSeconds);
    stop.abort();
    await looking;
    const acks = this.#screens
      .flatMap((screen) => screen.acks)
      .filter(({ commandId }) => !before.has(commandId));
    const latencies = acks.flatMap(({ commandId, toStatus, atMs }) => {
      const storedAt = stored.get(`${commandId} ${toStatus}`);
      return storedAt === undefined ? [] : [storedAt - atMs];
    });
    const missing = asked.filter((id) => !stored.has(`${id} completed`)).length;
    return {
      acks: latenciesOf(latencies),
      heartbeats: latenciesOf(seen),
      commandsAsked: asked.length + refused.length,
      lost: missing + refused.length + this.#unseen(),
    };
  }

  #unseen(): number {
    return this.#screens.reduce((sum, { unseenHeartbeats }) => sum + unseenHeartbeats.length, 0);
  }

  async #beat(signal: AbortSignal): Promise<void> {
    const everyMs = (this.#plan.heartbeatSeconds * 1000) / this.#screens.length;
    for (let turn = 0; !signal.aborted; turn += 1) {
      this.#screens[turn % this.#screens.length]?.beat();
      await pause(everyMs, undefined, { signal }).catch(() => {});
    }
  }

  async #command(asked: string[], refused: number[], signal: AbortSignal): Promise<void> {
    const requests: Promise<void>[] = [];
    for (let turn = 0; !signal.aborted; turn += 1) {
      const uuid = this.#screens[turn % this.#screens.length]?.uuid;
      requests.push(
        this.#admin.call('POST', `/api/clients/${uuid}/restart_app`, {}).then(({ status, json }) => {
          if (status === 202) asked.push(json.command.commandId as string);
          else refused.push(status);
        }),
      );
      await pause(1000 / this.#plan.commandsPerSecond, undefined, { signal }).catch(() => {});
    }
    await Promise.all(requests);
  }

  /** Looks again and again which heartbeats are stored, and notes how long each took. */
  async #look(seen: number[], signal: AbortSignal): Promise<void> {
    const uuids = this.#screens.map(({ uuid }) => uuid);
    while (!signal.aborted) {
      const { rows } = await this.#pool.query<{ client_uuid: string; last_alive: Date | null }>(
        'SELECT client_uuid, last_alive FROM client_states WHERE client_uuid = ANY($1)',
        [uuids],
      );
      const now = Date.now();
      const lastAlive = new Map(rows.map((row) => [row.client_uuid, row.last_alive?.getTime() ?? 0]));
      for (const { uuid, unseenHeartbeats } of this.#screens) {
        while ((unseenHeartbeats[0] ?? Number.POSITIVE_INFINITY) <= (lastAlive.get(uuid) ?? 0))
          seen.push(now - (unseenHeartbeats.shift() ?? now));
      }
      await pause(LOOK_EVERY_MS);
    }
  }

  /** When each ACK of the commands was stored, by `id status`. */
  async #storedAcks(asked: readonly string[], settleSeconds: number): Promise<Map<string, number>> {
    const read = async () => {
      const { rows } = await this.#pool.query<{ command_id: string; to_status: string; server_time: Date }>(
        `SELECT command_id, to_status, server_time FROM client_command_events
         WHERE command_id = ANY($1) AND to_status IN ('ack_received', 'completed')`,
        [asked],
      );
      return new Map(rows.map((row) => [`${row.command_id} ${row.to_status}`, row.server_time.getTime()]));
    };
    let stored = await read();
    await untilOrLate(async () => {
      stored = await read();
      return asked.every((id) => stored.has(`${id} completed`));
    }, settleSeconds);
    return stored;
  }
}

/** Until it holds, or the time is over: what is late then is told as lost. */
async function untilOrLate(holds: () => boolean | Promise<boolean>, seconds: number): Promise<void> {
  const endAt = performance.now() + seconds * 1000;
  while (!(await holds()) && performance.now() < endAt) await pause(200);
}
