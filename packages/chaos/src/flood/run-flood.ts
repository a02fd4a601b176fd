import { setTimeout as pause } from 'node:timers/promises';
import type { ScreenAccount } from '@infoscreen/device-agent';
import { eventually, type Fleet, mosquittoAvailable, scrapeMetrics, startFleet } from '@infoscreen/test-kit';
import pg from 'pg';
import { errorLines, warnings } from '../measure/log-records.ts';
import { makeAccounts } from '../soak/screen-processes.ts';
import type { FloodResult } from './flood-broker.ts';
import type { FloodName } from './flood-kinds.ts';
import { runFlooder } from './flooder-process.ts';
import { PeakMemory } from './peak-memory.ts';
import { type QuietFigures, QuietFleet, type QuietPlan } from './quiet-fleet.ts';
import { QuietScreen } from './quiet-screen.ts';

export interface FloodPlan extends QuietPlan {
  readonly seconds: number;
  readonly screens: number;
  readonly kinds: readonly FloodName[];
  /** Of one flood, at most; without a bound where left out. */
  readonly maxMegabytes?: number;
  readonly onProgress: (line: string) => void;
}

export interface FloodPhase extends QuietFigures {
  readonly name: 'quiet' | FloodName;
  readonly flood: FloodResult;
  /** Of the flooder, by the listener's metric. */
  readonly refused: number;
  readonly listenerPeakMegabytes: number;
  readonly brokerPeakMegabytes: number;
  /** Whether the API shows the flooder as alive at the end of its own flood of heartbeats; else whether it is known. */
  readonly isFlooderKnown: boolean;
}

export interface FloodReport {
  readonly seconds: number;
  readonly screens: number;
  readonly phases: readonly FloodPhase[];
  readonly warnings: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/** The burst is used up in the first moment, so what is refused is the flood less that and what the rate lets in. */
const SETTLE_SECONDS = 120;
const QUIET_LOOKS = 5;

/** Runs the real system with screens that behave, first alone, then beside one that floods, once for each kind of flood. */
export async function runFlood(plan: FloodPlan): Promise<FloodReport> {
  const fleet = await startFleet({
    broker: mosquittoAvailable() ? 'mosquitto' : 'embedded',
    settings: { LOCKOUT_MAX_COMMANDS: '1000' },
  });
  const pool = new pg.Pool({ connectionString: fleet.database.url, max: 2, application_name: 'flood' });
  const ends: (() => Promise<unknown>)[] = [() => fleet.stop(), () => pool.end()];
  try {
    const accounts = await makeAccounts(fleet.admin, plan.screens + plan.kinds.length);
    const flooders = accounts.splice(0, plan.kinds.length);
    const screens: QuietScreen[] = [];
    for (const account of accounts) {
      const screen = await untilTaken(() => QuietScreen.start(fleet.broker, account));
      ends.push(() => screen.stop());
      screens.push(screen);
    }
    const quiet = new QuietFleet(screens, fleet.admin, pool, plan);
    const phases = [await runPhase(fleet, quiet, plan)];
    plan.onProgress(`quiet: ${phases[0]?.acks.count} ACKs`);
    for (const [index, kind] of plan.kinds.entries()) {
      const flooder = flooders[index] as ScreenAccount;
      phases.push(await runPhase(fleet, quiet, plan, { kind, account: flooder }));
      plan.onProgress(`${kind}: ${phases.at(-1)?.flood.sent} messages`);
    }
    const records = [...fleet.of('listener'), ...fleet.of('server'), ...fleet.of('scheduler')].flatMap(
      ({ process }) => process.logRecords(),
    );
    return {
      seconds: plan.seconds,
      screens: plan.screens,
      phases,
      warnings: warnings(records),
      problems: [...phases.flatMap(problemsOf), ...errorLines(records)],
    };
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

/** The server hands a new account to the broker a moment after it has answered. */
function untilTaken<T>(start: () => Promise<T>): Promise<T> {
  return eventually(async () => await start().catch(() => undefined)) as Promise<T>;
}

async function runPhase(
  fleet: Fleet,
  quiet: QuietFleet,
  plan: FloodPlan,
  flood?: { readonly kind: FloodName; readonly account: ScreenAccount },
): Promise<FloodPhase> {
  const url = fleet.of('listener')[0]?.url ?? '';
  const before = await listenerCounts(url);
  const peak = new PeakMemory(url, fleet.broker.pid);
  peak.start();
  const { host, port } = fleet.broker;
  const { maxMegabytes } = plan;
  const flooding: Promise<FloodResult> =
    flood === undefined
      ? Promise.resolve({ sent: 0, taken: 0, cutAfterMs: null })
      : runFlooder({
          host,
          port,
          kind: flood.kind,
          seconds: plan.seconds,
          ...(maxMegabytes === undefined ? {} : { maxMegabytes }),
          ...flood.account,
        });
  // Also where the flooder is cut early: what the broker took of it is still on its way.
  const over = Promise.all([flooding, pause(plan.seconds * 1000)]);
  const figures = await quiet.measure(over, SETTLE_SECONDS);
  const after = await untilDrained(url);
  await peak.stop();
  const known =
    flood === undefined
      ? undefined
      : (await fleet.admin.call('GET', `/api/clients/${flood.account.uuid}`)).json;
  return {
    name: flood?.kind ?? 'quiet',
    ...figures,
    flood: await flooding,
    refused: after.refused - before.refused,
    listenerPeakMegabytes: peak.listenerMegabytes,
    brokerPeakMegabytes: peak.brokerMegabytes,
    isFlooderKnown:
      known === undefined || (flood?.kind === 'heartbeats' ? known.is_alive === true : 'uuid' in known),
  };
}

async function listenerCounts(url: string): Promise<{ readonly refused: number; readonly received: number }> {
  const scrape = await scrapeMetrics(url);
  return {
    refused: scrape.by('infoscreen_rejected_messages_total', 'reason').get('rate_limited') ?? 0,
    received: scrape.sum('infoscreen_messages_received_total'),
  };
}

/** Until nothing of the flood has come for a few looks, for on a busy machine a pause is no end. */
async function untilDrained(url: string): Promise<{ readonly refused: number }> {
  let counts = await listenerCounts(url);
  let quietLooks = 0;
  await eventually(
    async () => {
      const now = await listenerCounts(url);
      quietLooks = now.refused === counts.refused ? quietLooks + 1 : 0;
      counts = now;
      return quietLooks === QUIET_LOOKS;
    },
    { deadlineMs: SETTLE_SECONDS * 1000, intervalMs: 500, what: 'the flood is drained' },
  );
  return counts;
}

function problemsOf({ name, lost, isFlooderKnown }: FloodPhase): string[] {
  return [
    ...(lost === 0 ? [] : [`${name}: ${lost} commands or heartbeats of the quiet screens were lost`]),
    ...(isFlooderKnown ? [] : [`${name}: the screen that floods is not known as alive`]),
  ];
}
