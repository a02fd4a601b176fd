import {
  type Acknowledgement,
  type FollowingReport,
  isStartedShutdown,
  moveByRounds,
  observeShutdownStarted,
  type ReportOptions,
} from '@infoscreen/commands';
import type { CommandAckPayload } from '@infoscreen/shared-types';
import type pg from 'pg';
import type { Arrival } from '../intake/arrival.ts';
import { deviceTime } from '../intake/device-time.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';

export interface Told {
  readonly arrival: Arrival<CommandAckPayload>;
  readonly lifecycle: IntakeDeps['lifecycle'];
}

export function acknowledgementOf({
  clientUuid,
  payload,
}: Pick<Arrival<CommandAckPayload>, 'clientUuid' | 'payload'>): Acknowledgement {
  return {
    clientUuid,
    commandId: payload.command_id,
    status: payload.status,
    errorCode: payload.error_code ?? null,
    errorMessage: payload.error_message ?? null,
    deviceTime: deviceTime(payload.timestamp),
    bootId: payload.boot_id,
    via: 'ack',
  };
}

/**
 * Stores ACKs of the boot that is known, for commands that they move on, in one transaction: the first ACK of each client,
 * then the second of each, and so on; each is a transition of its own.
 * @returns those that moved their command; committed
 */
export async function storeInRounds(
  pool: pg.Pool,
  told: readonly Told[],
  { skipsLocked }: Pick<ReportOptions, 'skipsLocked'> = {},
): Promise<ReadonlySet<Told>> {
  const [first] = told;
  const moved = new Set<Told>();
  if (first === undefined) return moved;
  const rounds = roundsOf(told);
  const options = { ...first.lifecycle, skipsLocked: skipsLocked === true, knownBootOnly: true };
  const results = await moveByRounds(
    pool,
    rounds.map((round) => round.map(({ report }) => report)),
    options,
  );
  for (const [index, round] of rounds.entries()) {
    const commands = results[index]?.map(({ command }) => command) ?? [];
    // By its client as well: another one may have named the same command, and was not heard.
    const owners = new Map(commands.map(({ commandId, clientUuid }) => [commandId, clientUuid]));
    for (const { one, report } of round)
      if (owners.get(report.commandId) === report.clientUuid) moved.add(one);
    for (const { clientUuid } of commands.filter(isStartedShutdown))
      await observeShutdownStarted(pool, { clientUuid });
  }
  return moved;
}

interface Placed {
  readonly one: Told;
  readonly report: FollowingReport;
}

/**
 * Each client once per round, its ACKs in their order, as long as they are on one command: what the next one names, and what
 * follows that, has no round.
 */
function roundsOf(told: readonly Told[]): readonly (readonly Placed[])[] {
  const rounds: Placed[][] = [];
  const lastOf = new Map<string, { readonly round: number; readonly report: FollowingReport | null }>();
  for (const one of told) {
    const report = acknowledgementOf(one.arrival);
    const { round, report: before } = lastOf.get(report.clientUuid) ?? { round: -1, report: undefined };
    if (before === null || (before !== undefined && before.commandId !== report.commandId)) {
      lastOf.set(report.clientUuid, { round, report: null });
      continue;
    }
    const following = before === undefined ? report : { ...report, follows: before.status };
    lastOf.set(report.clientUuid, { round: round + 1, report: following });
    const others = rounds[round + 1] ?? [];
    rounds[round + 1] = others;
    others.push({ one, report: following });
  }
  return rounds;
}
