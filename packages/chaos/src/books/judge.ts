import { isEnd } from '@infoscreen/shared-types';
import {
  acceptedIsStored,
  legalTimeline,
  oneCommandPerRequest,
  oneEnd,
  somebodyAskedForIt,
} from './command-rules.ts';
import type { Finding } from './finding.ts';
import { countBy } from './group-by.ts';
import { type LossCount, nothingIsLost } from './loss-rules.ts';
import type { Records } from './records.ts';
import { endIsTrue, executionsAreLawful, indexScreens } from './truth-rules.ts';

export interface Verdict {
  readonly findings: readonly Finding[];
  readonly loss: LossCount;
  /** Of the accepted commands, by the state they are in. */
  readonly byStatus: Readonly<Record<string, number>>;
  readonly accepted: number;
  /** Why the others are not completed, by their error code. */
  readonly byErrorCode: Readonly<Record<string, number>>;
  readonly completedShare: number;
  readonly executions: number;
  /** Reported after the end that the command has. */
  readonly lateOutcomes: number;
}

/** Less would mean that the faults, not the system, decide what becomes of a command. */
const LEAST_COMPLETED_SHARE = 0.8;

/** What the records prove to be wrong. Pure. Every stored command is judged, also one whose answer never arrived. */
export function judge(records: Records): Verdict {
  const { accepted, stored } = records;
  const storedById = new Map(stored.map((command) => [command.commandId, command]));
  const acceptedById = new Map(accepted.map((command) => [command.commandId, command]));
  const screens = indexScreens(records.screens);
  const loss = nothingIsLost(records, storedById);
  const rows = [...acceptedById.keys()].map((id) => storedById.get(id));
  const statuses = rows.map((row) => row?.status ?? 'missing');
  const byStatus = countBy(statuses);
  const completedShare = statuses.length === 0 ? 1 : (byStatus['completed'] ?? 0) / statuses.length;
  return {
    findings: [
      ...acceptedIsStored(accepted, storedById),
      ...oneCommandPerRequest(accepted, stored),
      ...somebodyAskedForIt(stored, records.requested),
      ...stored.flatMap((command) => [
        ...oneEnd(command),
        ...legalTimeline(command),
        ...endIsTrue(command, acceptedById.get(command.commandId), screens),
      ]),
      ...executionsAreLawful(screens),
      ...mostlyCompleted(completedShare),
      ...loss.findings,
    ],
    loss: loss.count,
    byStatus,
    byErrorCode: countBy(rows.flatMap((row) => row?.errorCode ?? [])),
    accepted: statuses.length,
    completedShare,
    executions: records.screens.executions.length,
    lateOutcomes: stored.filter(({ status, lateOutcome }) => isEnd(status) && lateOutcome !== null).length,
  };
}

function mostlyCompleted(completedShare: number): Finding[] {
  if (completedShare >= LEAST_COMPLETED_SHARE) return [];
  return [
    {
      rule: 'mostly_completed',
      detail: `only ${(completedShare * 100).toFixed(1)} % of the accepted commands are completed`,
    },
  ];
}
