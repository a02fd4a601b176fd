import { type CrashFleetOptions, type Rig, startCrashFleet } from './crash-fleet.ts';
import { CRASH_POINTS, type CrashPoint } from './crash-points.ts';
import { type HitOutcome, hitCrashPoint } from './hit-crash-point.ts';

export interface PointResult {
  readonly point: CrashPoint;
  readonly hits: number;
  readonly missed: number;
  /** What was wrong, one line per hit. */
  readonly broken: readonly string[];
  /** Most copies of one command that the broker was given. */
  readonly mostCopies: number;
}

export interface RunOptions extends CrashFleetOptions {
  /** Hits of each point. */
  readonly hits: number;
  /** Only points that fit; all when left out. */
  readonly only?: (point: CrashPoint) => boolean;
  readonly say?: (line: string) => void;
}

/** A point may be missed now and then; one that is missed more often than it is hit isn't aimed at. */
const TRIES_PER_HIT = 2;

/** Kills processes at every crash point of one kind of victim. @throws when a fleet or a point can't be had */
export async function runCrashPoints(options: RunOptions): Promise<readonly PointResult[]> {
  const { victims, hits, only = () => true, say = () => {} } = options;
  const fleet = await startCrashFleet(options);
  const isOurs = ({ job }: CrashPoint) => (job === 'issue') === (victims === 'server');
  const results: PointResult[] = [];
  const queue = CRASH_POINTS.filter((point) => isOurs(point) && only(point)).values();
  const work = async (rig: Rig) => {
    for (const point of queue) {
      const outcomes: HitOutcome[] = [];
      const hitsSoFar = () => outcomes.filter(({ kind }) => kind !== 'missed').length;
      while (hitsSoFar() < hits && outcomes.length < hits * TRIES_PER_HIT) {
        const wake = outcomes.length % 2 === 0 ? 'after_take_over' : 'at_once';
        const outcome = await hitCrashPoint(fleet, rig, { point, wake });
        outcomes.push(outcome);
        if (outcome.kind === 'missed') say(`${point.job}: ${point.name}: missed, ${outcome.detail}`);
      }
      const result = summarise(point, outcomes);
      results.push(result);
      say(resultLine(result));
    }
  };
  try {
    await Promise.all(fleet.rigs.map(work));
  } finally {
    await fleet.stop();
  }
  return results;
}

function summarise(point: CrashPoint, outcomes: readonly HitOutcome[]): PointResult {
  return {
    point,
    hits: outcomes.filter(({ kind }) => kind !== 'missed').length,
    missed: outcomes.filter(({ kind }) => kind === 'missed').length,
    broken: outcomes.flatMap((outcome) => (outcome.kind === 'broken' ? [outcome.detail] : [])),
    mostCopies: Math.max(0, ...outcomes.map((outcome) => (outcome.kind === 'held' ? outcome.copies : 0))),
  };
}

export function resultLine({ point, hits, missed, broken, mostCopies }: PointResult): string {
  const place = `${point.job}: ${point.name}`;
  const outcome =
    broken.length === 0 ? `${hits} completed, each executed once` : `${broken.length} BROKEN: ${broken[0]}`;
  return `${place.padEnd(48)} ${String(hits).padStart(4)} hits  ${outcome}; copies at most ${mostCopies}, missed ${missed}`;
}
