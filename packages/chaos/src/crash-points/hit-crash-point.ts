import { randomUUID } from 'node:crypto';
import { issueCommand } from '@infoscreen/commands';
import { type ApiAnswer, eventually } from '@infoscreen/test-kit';
import { type CommandLedger, type DeadProcess, ledgerOf } from './command-ledger.ts';
import type { CrashFleet, Rig } from './crash-fleet.ts';
import type { CrashPoint, StateAtPoint } from './crash-points.ts';

export type HitOutcome =
  /** The process died at the point, and afterwards all was as promised; the broker was given so many copies. */
  | { readonly kind: 'held'; readonly copies: number }
  /** Something else had moved the command before the process died: no hit. */
  | { readonly kind: 'missed'; readonly detail: string }
  | { readonly kind: 'broken'; readonly detail: string };

/** Whether the screen wakes only when another process has sent the command again, or before. */
export type Wake = 'after_take_over' | 'at_once';

interface Hit {
  readonly point: CrashPoint;
  readonly wake: Wake;
  readonly idempotencyKey: string;
  readonly ledger: CommandLedger;
}

/**
 * Stops a process at one point and looks at what becomes of the command. The screen keeps silent until the process is
 * dead, so that the database tells exactly how far the command had come.
 */
export async function hitCrashPoint(
  fleet: CrashFleet,
  rig: Rig,
  { point, wake }: { readonly point: CrashPoint; readonly wake: Wake },
): Promise<HitOutcome> {
  const ledger = await ledgerOf(fleet, rig.screen.uuid);
  const hit: Hit = { point, wake, ledger, idempotencyKey: randomUUID() };
  const { found, missed } = await killAtPoint(fleet, rig, hit);
  const dead = { instance: rig.victim.instance, found };
  const restarted = rig.victim.restart();
  try {
    const commandId = await seeToItsEnd(fleet, rig, { ...hit, dead, restarted });
    const problems = await ledger.problems(commandId, rig.screen.executions);
    if (problems.length > 0) return { kind: 'broken', detail: `${commandId}: ${problems.join('; ')}` };
    if (missed !== undefined) return { kind: 'missed', detail: missed };
    return { kind: 'held', copies: fleet.messagesOf(commandId).length };
  } finally {
    rig.screen.recover();
    await restarted;
  }
}

/** @returns what the database held of the command when the process died, and why that was no hit */
async function killAtPoint(
  fleet: CrashFleet,
  rig: Rig,
  { point, ledger, idempotencyKey }: Hit,
): Promise<{ readonly found: readonly StateAtPoint[]; readonly missed: string | undefined }> {
  rig.screen.hang();
  const held = rig.victim.untilHeld(point.mark, rig.screen.uuid);
  const answered =
    point.job === 'issue'
      ? askForCommand(fleet, rig, idempotencyKey)
      : leaveWork(fleet, rig.screen.uuid, point.job).then(() => undefined);
  const passed = await heldOrPassed(held, point.job === 'issue' ? answered : undefined);
  const found = await ledger.states();
  await rig.victim.kill();
  await answered;
  return { found, missed: passed ?? differsFrom(point, found) };
}

interface Aftermath extends Hit {
  readonly dead: DeadProcess;
  readonly restarted: Promise<void>;
}

/** @returns the id of the command, which has ended. @throws when it doesn't, or when the same key gives another one */
async function seeToItsEnd(fleet: CrashFleet, rig: Rig, aftermath: Aftermath): Promise<string> {
  const { point, wake, ledger, idempotencyKey, dead, restarted } = aftermath;
  await ledger.lapse(idempotencyKey);
  const wasAccepted = dead.found.length > 0;
  if (!wasAccepted) {
    await restarted;
    await repeatRequest(fleet, rig, idempotencyKey);
  }
  const commandId = await ledger.onlyCommand();
  if (wake === 'after_take_over' && wasAccepted) await ledger.untilSentBySomeoneElse(commandId, dead);
  rig.screen.recover();
  await ledger.untilEnded(commandId);
  await restarted;
  if (point.job === 'issue') {
    const repeated = await repeatRequest(fleet, rig, idempotencyKey);
    if (repeated !== commandId) throw new Error(`the same key gave ${repeated} besides ${commandId}`);
  }
  return commandId;
}

/** @returns `undefined` once the process is held; else how it got past the point */
async function heldOrPassed(
  held: Promise<void>,
  answered: Promise<ApiAnswer | undefined> | undefined,
): Promise<string | undefined> {
  let outcome: { readonly passed: string | undefined } | undefined;
  void held.then(() => {
    outcome ??= { passed: undefined };
  });
  void answered?.then((answer) => {
    outcome ??= { passed: `answered with ${answer?.status}, ${answer?.json.command?.status}` };
  });
  const { passed } = await eventually(() => outcome, {
    deadlineMs: 30_000,
    intervalMs: 2,
    what: 'a process is held at the point',
  });
  return passed;
}

function differsFrom(point: CrashPoint, found: readonly object[]): string | undefined {
  const expected = point.state === undefined ? [] : [point.state];
  return JSON.stringify(found) === JSON.stringify(expected)
    ? undefined
    : `the database held ${JSON.stringify(found)}`;
}

/** The request of a user whose server dies; there is no answer, unless the server was quicker. */
async function askForCommand(
  { admin }: CrashFleet,
  { victim, screen }: Rig,
  key: string,
): Promise<ApiAnswer | undefined> {
  return admin
    ?.call('POST', `${victim.url}/api/clients/${screen.uuid}/restart_app`, {}, { 'idempotency-key': key })
    .catch(() => undefined);
}

/** @returns the id of the command that the same key gives */
async function repeatRequest(fleet: CrashFleet, rig: Rig, key: string): Promise<string> {
  return eventually(
    async () => {
      const answer = await askForCommand(fleet, rig, key);
      return answer?.status === 202 ? (answer.json.command.commandId as string) : undefined;
    },
    { deadlineMs: 20_000, intervalMs: 100, what: 'the request with the same key is answered' },
  );
}

/** What a server that died after its claim, or a broker that lost what it took, leaves for the schedulers. */
const LEFT_BEHIND = {
  take_over: `UPDATE client_commands SET status = 'publish_in_progress', publish_attempt = 1,
    lease_until = now() - interval '1 s', next_publish_at = now() - interval '1 s' WHERE command_id = $1 AND status = 'queued'`,
  repeat: `UPDATE client_commands SET status = 'published', publish_attempt = 1, publish_count = 1, published_at = now(),
    next_publish_at = now() - interval '1 s' WHERE command_id = $1 AND status = 'queued'`,
} as const;

async function leaveWork(
  { pool }: CrashFleet,
  clientUuid: string,
  job: keyof typeof LEFT_BEHIND,
): Promise<void> {
  const issued = await issueCommand(
    { pool },
    {
      commandTtlSeconds: 240,
      resultTimeoutSeconds: 300,
      lockoutMaxCommands: 1000,
      lockoutWindowSeconds: 900,
      legacyTopics: true,
    },
    {
      clientUuid,
      action: 'restart_app',
      reason: null,
      requestedBy: 'crash-points',
      requestedByUserId: null,
      requestId: null,
      idempotencyKey: null,
      source: 'api',
    },
  );
  if (issued.outcome !== 'queued') throw new Error(`not issued: ${issued.outcome}`);
  await pool.query(LEFT_BEHIND[job], [issued.command.commandId]);
}
