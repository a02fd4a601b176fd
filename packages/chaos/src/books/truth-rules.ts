import { about } from './command-rules.ts';
import type { Finding } from './finding.ts';
import { groupBy } from './group-by.ts';
import type {
  AcceptedCommand,
  BootRecord,
  ExecutionRecord,
  ScreenRecords,
  StoredCommand,
} from './records.ts';

/** What the screens know, by what the rules ask. */
export interface ScreenIndex {
  readonly executions: ReadonlyMap<string, readonly ExecutionRecord[]>;
  /** `commandId status`. */
  readonly said: ReadonlySet<string>;
  readonly bootsOf: ReadonlyMap<string, readonly BootRecord[]>;
}

export function indexScreens(screens: ScreenRecords): ScreenIndex {
  return {
    executions: groupBy(screens.executions, ({ commandId }) => commandId),
    said: new Set(screens.said.map(({ commandId, status }) => `${commandId} ${status}`)),
    bootsOf: groupBy(screens.boots, ({ clientUuid }) => clientUuid),
  };
}

/** No screen runs a command twice, nor after its time; whatever the database says of it. */
export function executionsAreLawful({ executions }: ScreenIndex): Finding[] {
  const findings: Finding[] = [];
  for (const [commandId, runs] of executions) {
    const { clientUuid } = runs[0] as ExecutionRecord;
    if (runs.length > 1)
      findings.push({
        ...about(
          { commandId, clientUuid },
          'at_most_one_execution',
          `the screen ran it ${runs.length} times`,
        ),
        at: runs[1]?.at ?? 0,
      });
    for (const { at, expiresAt } of runs) {
      if (at < expiresAt) continue;
      const detail = `the screen ran it ${at - expiresAt} ms after it had expired`;
      findings.push({ ...about({ commandId, clientUuid }, 'no_execution_after_expiry', detail), at });
    }
  }
  return findings;
}

/** The end that a command has is true to what its screen did and said. */
export function endIsTrue(
  command: StoredCommand,
  accepted: AcceptedCommand | undefined,
  screens: ScreenIndex,
): Finding[] {
  const { commandId, status } = command;
  const hasRun = screens.executions.has(commandId);
  const findings: Finding[] = [];
  if (accepted?.isCancelled === true && status !== 'cancelled')
    findings.push(
      about(command, 'cancellation_holds', `its cancellation was answered with 200, and it is ${status}`),
    );
  switch (status) {
    case 'completed':
      if (!hasRun && !hasRebootedSince(command, screens))
        findings.push(about(command, 'completed_is_true', 'the screen neither ran it nor rebooted since'));
      break;
    case 'failed':
    case 'blocked_safety':
      if (!screens.said.has(`${commandId} ${status}`))
        findings.push(about(command, 'result_was_said', `the screen never said ${status}`));
      break;
    case 'expired':
      if (hasRun && command.lateOutcome === null)
        findings.push(
          about(
            command,
            'late_outcome_is_kept',
            'the screen ran it, and no late outcome stands beside its end',
          ),
        );
      break;
    case 'cancelled':
      if (hasRun) findings.push(about(command, 'cancelled_never_ran', 'the screen ran it'));
      break;
    default:
      // Not ended: another rule's matter.
      break;
  }
  return findings;
}

/**
 * Whether there is a boot after the one that the command was meant for. A restart of the app is not done by a reboot: the
 * agent reports it as interrupted then.
 */
function hasRebootedSince(
  { action, clientUuid, createdAt, bootId }: StoredCommand,
  { bootsOf }: ScreenIndex,
): boolean {
  if (action === 'restart_app') return false;
  const boots = bootsOf.get(clientUuid) ?? [];
  const meant = boots.find((boot) => boot.bootId === bootId);
  return boots.some(({ at }) => at > (meant?.at ?? createdAt));
}
