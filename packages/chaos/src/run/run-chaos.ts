import { setTimeout as pause } from 'node:timers/promises';
import type { Mosquitto } from '@infoscreen/local-stack';
import type { Finding } from '../books/finding.ts';
import { countBy } from '../books/group-by.ts';
import { judge, type Verdict } from '../books/judge.ts';
import type { LossWindow, Records } from '../books/records.ts';
import { FaultDriver } from '../faults/fault-driver.ts';
import type { FaultRecord } from '../faults/fault-kinds.ts';
import { planFaults } from '../faults/plan-faults.ts';
import { TargetLocks } from '../faults/target-locks.ts';
import { type Figures, figuresOf } from '../report/figures.ts';
import { startProgress } from '../report/progress.ts';
import { tellStory } from '../report/story.ts';
import { ScreensProcess } from '../screens/screens-process.ts';
import { CommandStream } from '../stream/command-stream.ts';
import { Operator } from '../stream/operator.ts';
import { type ChaosSystem, startSystem } from '../system/start-system.ts';
import type { ChaosOptions } from './chaos-options.ts';
import { createScreens } from './create-screens.ts';
import { seededRandom } from './random.ts';
import { settle } from './settle.ts';

export interface ChaosOutcome {
  readonly figures: Figures;
  readonly findings: readonly Finding[];
  readonly faults: readonly FaultRecord[];
  /** The first finding of each rule, told as a story. */
  readonly stories: readonly string[];
}

export interface ChaosDeps {
  readonly say: (line: string) => void;
  /** Looked for when left out. */
  readonly mosquitto?: Mosquitto | undefined;
}

/** One run: the system and its traffic, faults, quiet, and the books. @throws when the system doesn't start or settle */
export async function runChaos(options: ChaosOptions, { say, mosquitto }: ChaosDeps): Promise<ChaosOutcome> {
  say(`seed ${options.seed}: ${options.faults} faults in ${options.seconds} s, ${options.screens} screens`);
  const system = await startSystem(options, mosquitto);
  const stops: (() => Promise<unknown>)[] = [() => system.stop()];
  try {
    const kinds = options.kinds.filter((kind) => kind !== 'disk_full' || system.database.disk !== null);
    if (system.database.noDiskBecause !== null) say(`without disk_full: ${system.database.noDiskBecause}`);
    const operator = new Operator(system.admin);
    const accounts = await createScreens(system, operator, options.screens);
    const screens = await ScreensProcess.start({
      accounts,
      seed: options.seed,
      acksPerSecond: options.acksPerSecond,
      failuresPerSecond: options.failuresPerSecond,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      healthSeconds: HEALTH_SECONDS,
      isNaive: options.twin === 'device-without-deduplication',
    });
    stops.push(() => screens.stop());
    const random = seededRandom(options.seed);
    const plan = planFaults(random, { kinds, count: options.faults, durationMs: options.seconds * 1000 });
    const stream = new CommandStream({
      operator,
      serverUrls: system.of('server').map(({ url }) => url),
      clientUuids: accounts.map(({ uuid }) => uuid),
      perSecond: options.commandsPerSecond,
      random: seededRandom(options.seed ^ 0x5eed),
    });
    const lossWindows: LossWindow[] = [];
    const driver = new FaultDriver({
      system,
      random,
      locks: new TargetLocks(),
      pauseSeconds: options.pauseSeconds,
      lossWindows,
    });
    const progress = startProgress({ say, driver, screens, stream, url: system.database.url });
    stops.push(async () => progress.stop());
    stream.start();
    await Promise.all([driver.run(plan), pause(options.seconds * 1000)]);
    say('the faults are over; settling');
    const settled = await settle({
      system,
      screens,
      stream,
      lossWindows,
      ttlSeconds: options.ttlSeconds,
      heartbeatSeconds: HEARTBEAT_SECONDS,
    });
    return outcomeOf(options, { ...settled, system, driver, stream });
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

const HEARTBEAT_SECONDS = 3;
const HEALTH_SECONDS = 4;

function outcomeOf(
  options: ChaosOptions,
  run: {
    readonly system: ChaosSystem;
    readonly driver: FaultDriver;
    readonly stream: CommandStream;
    readonly records: Records;
  },
): ChaosOutcome {
  const { system, driver, stream, records } = run;
  const ends = system.replicas.flatMap(({ unaskedEnds }) => unaskedEnds);
  const judged = judge(records);
  const unasked = ends
    // What a naive twin does to itself is no proof that the books see what it does to others.
    .filter(({ hadStarted }) => hadStarted && options.twin === undefined)
    .map(
      ({ name, at, lastLines }): Finding => ({
        rule: 'no_service_ends_by_itself',
        at,
        detail: `${name} ended by itself:\n    ${lastLines.join('\n    ')}`,
      }),
    );
  const verdict: Verdict = { ...judged, findings: [...judged.findings, ...unasked] };
  const firsts = new Map(verdict.findings.toReversed().map((finding) => [finding.rule, finding]));
  return {
    figures: figuresOf(options, {
      verdict,
      faults: driver.done,
      counts: {
        requestsRepeated: stream.repeated,
        requestsUnanswered: countBy(stream.unanswered),
        uncleanStops: system.replicas.reduce((sum, { uncleanStops }) => sum + uncleanStops, 0),
        startsThatEnded: ends.filter(({ hadStarted }) => !hadStarted).length,
        faultsThatFailed: driver.failed.length,
      },
    }),
    findings: verdict.findings,
    faults: driver.done,
    stories: [...firsts.values()].map((finding) => tellStory(finding, records, driver.done)),
  };
}
