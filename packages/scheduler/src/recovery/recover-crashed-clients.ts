import { type IssueResult, issueCommand, type OutboxDeps, publishCommand } from '@infoscreen/commands';
import { decideRecovery, type RecoveryDecision } from './decide-recovery.ts';
import {
  claimStep,
  exhaustLadder,
  forgetLadder,
  noteCommand,
  noteWellSince,
  returnStep,
  type StepClaim,
} from './ladder.ts';
import { watchForOutage } from './outage-watch.ts';
import { findRecoveryCandidates, type RecoveryCandidate } from './recovery-candidates.ts';
import { RESERVED_LOCKOUT_PLACES, type RecoverySettings } from './recovery-settings.ts';

export interface RecoveryDeps extends OutboxDeps {
  readonly recovery: RecoverySettings;
}

export interface RecoveryCounts {
  readonly candidates: number;
  readonly commanded: number;
  readonly exhausted: number;
  /** Clients with whom something went wrong; they are looked at again in the next cycle. */
  readonly failed: number;
  /** 1 when recovery had to wait for an outage to pass. */
  readonly waited: number;
}

/** A step whose command couldn't be issued (another one under way, or only the last place of a lockout left). */
const RETRY_SECONDS = 60;
/** A cycle goes on past a client that fails, but not past so many: then the fault lies elsewhere. */
const MOST_FAILURES = 10;

/**
 * One cycle of crash recovery: looks at crashed clients and at those on a ladder, and takes at most one step for each.
 * Safe on any number of schedulers: a step is claimed before its command is issued.
 */
export async function recoverCrashedClients(
  deps: RecoveryDeps,
  stopping?: AbortSignal,
): Promise<RecoveryCounts> {
  const { pool, broker, recovery } = deps;
  const verdict = await watchForOutage({ pool, brokerConnected: broker.connected, settings: recovery });
  const mayCommand = recovery.enabled && !verdict.quiet;
  const counts = { candidates: 0, commanded: 0, exhausted: 0, failed: 0, waited: verdict.quiet ? 1 : 0 };
  for await (const candidate of findRecoveryCandidates(pool, recovery)) {
    if (stopping?.aborted === true) break;
    counts.candidates += 1;
    const decision = decideRecovery(candidate.condition, candidate.ladder, {
      now: candidate.now,
      settings: recovery,
    });
    try {
      const done = await carryOut(deps, { candidate, decision, mayCommand });
      if (done !== 'noted') counts[done] += 1;
    } catch (error) {
      counts.failed += 1;
      if (counts.failed >= MOST_FAILURES) throw error;
      deps.logger.warn('crash recovery of a client failed', { client_uuid: candidate.clientUuid, error });
    }
  }
  return counts;
}

interface Step {
  readonly candidate: RecoveryCandidate;
  readonly decision: RecoveryDecision;
  readonly mayCommand: boolean;
}

async function carryOut(
  deps: RecoveryDeps,
  { candidate, decision, mayCommand }: Step,
): Promise<'commanded' | 'exhausted' | 'noted'> {
  const { clientUuid } = candidate;
  switch (decision.do) {
    case 'command':
      return mayCommand && (await commandStep(deps, candidate, decision)) ? 'commanded' : 'noted';
    case 'exhaust':
      if (!mayCommand || !(await exhaustLadder(deps.pool, clientUuid))) return 'noted';
      deps.logger.warn('crash recovery exhausted', {
        client_uuid: clientUuid,
        attempts: candidate.ladder?.attempts ?? 0,
      });
      return 'exhausted';
    case 'note_well':
    case 'note_unwell':
      await noteWellSince(deps.pool, clientUuid, decision.do === 'note_well');
      return 'noted';
    case 'forget':
      await forgetLadder(deps.pool, clientUuid);
      return 'noted';
    case 'nothing':
      return 'noted';
  }
}

type CommandDecision = Extract<RecoveryDecision, { do: 'command' }>;

async function commandStep(
  deps: RecoveryDeps,
  candidate: RecoveryCandidate,
  decision: CommandDecision,
): Promise<boolean> {
  const { clientUuid } = candidate;
  const step = { clientUuid, seenAttempts: candidate.ladder?.attempts ?? 0, ...decision };
  if (!(await claimStep(deps.pool, step))) return false;
  const issued = await issueStep(deps, step);
  if (issued.outcome !== 'queued') {
    await returnStep(deps.pool, step, RETRY_SECONDS);
    return false;
  }
  const { commandId } = issued.command;
  await noteCommand(deps.pool, clientUuid, commandId);
  deps.logger.info('crash recovery commanded', {
    client_uuid: clientUuid,
    command_id: commandId,
    action: decision.action,
  });
  await publishCommand(deps, commandId);
  return true;
}

/** Where nothing could be stored, the step isn't used up either. */
async function issueStep(deps: RecoveryDeps, step: StepClaim): Promise<IssueResult> {
  try {
    return await issueCommand(deps, deps.settings, {
      clientUuid: step.clientUuid,
      action: step.action,
      reason: 'crash recovery',
      requestedBy: 'scheduler',
      requestedByUserId: null,
      requestId: null,
      idempotencyKey: null,
      source: 'recovery',
      reservedPlaces: RESERVED_LOCKOUT_PLACES,
      onlyWhenIdle: true,
    });
  } catch (error) {
    await returnStep(deps.pool, step, RETRY_SECONDS).catch(() => {});
    throw error;
  }
}
