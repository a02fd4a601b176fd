import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '@infoscreen/shared-types';
import { eventually } from '@infoscreen/test-kit';
import type { LossWindow } from '../books/records.ts';
import { between, pick, type Random } from '../run/random.ts';
import type { Replica } from '../system/replica.ts';
import type { ChaosSystem } from '../system/start-system.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { TargetLocks } from './target-locks.ts';

export interface FaultDeps {
  readonly system: ChaosSystem;
  readonly random: Random;
  readonly locks: TargetLocks;
  readonly pauseSeconds: number;
  /** Where a SIGKILL of the broker notes what it may have lost. */
  readonly lossWindows: LossWindow[];
}

/** What a fault hit, and when. */
export interface Hit {
  readonly target: string;
  readonly startedAt: number;
}

const DOWN_MS = { low: 500, high: 3000 };
const STALL_MS = { low: 2000, high: 8000 };
const FULL_MS = { low: 2000, high: 5000 };
const BACK_DEADLINE_MS = 60_000;
/** Times of files come from a coarser clock than ours. */
const FILE_CLOCK_MS = 20;

/** Makes one fault happen and resolves when what it hit works again. */
export function performFault(kind: FaultKind, deps: FaultDeps): Promise<Hit> {
  switch (kind) {
    case 'kill_server':
      return endReplica(deps, 'SIGKILL', 'server');
    case 'kill_listener':
      return endReplica(deps, 'SIGKILL', 'listener');
    case 'kill_scheduler':
      return endReplica(deps, 'SIGKILL', 'scheduler');
    case 'terminate':
      return endReplica(deps, 'SIGTERM');
    case 'pause':
      return pauseReplica(deps);
    case 'hang':
      return hangReplica(deps);
    case 'broker_restart':
      return hit(deps, 'broker', () => restartBroker(deps));
    case 'broker_kill':
      return hit(deps, 'broker', () => killBroker(deps));
    case 'postgres_stop':
      return hit(deps, 'database', () => stopDatabase(deps));
    case 'disk_full':
      return hit(deps, 'database', () => fillDisk(deps));
    case 'link_stall':
    case 'link_cut':
      return breakLink(deps, kind);
    default:
      return kind satisfies never;
  }
}

function hit({ locks }: FaultDeps, target: string, work: () => Promise<void>): Promise<Hit> {
  return locks.hold(target, async () => {
    const startedAt = Date.now();
    await work();
    return { target, startedAt };
  });
}

function endReplica(deps: FaultDeps, signal: 'SIGKILL' | 'SIGTERM', service?: ServiceName): Promise<Hit> {
  const replica = pickReplica(deps, service);
  return hit(deps, replica.name, async () => {
    // One that its supervisor is just starting is hit a moment later.
    await eventually(() => replica.end(signal), { deadlineMs: BACK_DEADLINE_MS });
    await untilBack(replica);
  });
}

function pauseReplica(deps: FaultDeps): Promise<Hit> {
  const replica = pickReplica(deps);
  return hit(deps, replica.name, async () => {
    await replica.pause();
    await pause(deps.pauseSeconds * 1000);
    await replica.resume();
  });
}

/** As long as another fault keeps it away, the next one doesn't wait for ever. */
async function untilBack(replica: Replica): Promise<void> {
  await eventually(() => replica.isReady(), { deadlineMs: BACK_DEADLINE_MS, intervalMs: 200 }).catch(
    () => {},
  );
}

/** It stands still with all that was handed to it, and is then killed, as a supervisor does with one that hangs. */
function hangReplica(deps: FaultDeps): Promise<Hit> {
  const replica = pickReplica(deps);
  return hit(deps, replica.name, async () => {
    await replica.pause();
    await pause(deps.pauseSeconds * 1000);
    await replica.end('SIGKILL');
    await untilBack(replica);
  });
}

function pickReplica({ system, random, locks }: FaultDeps, service?: ServiceName): Replica {
  const candidates = service === undefined ? system.replicas : system.of(service);
  const free = candidates.filter(({ name }) => locks.isFree(name));
  return pick(random, free.length > 0 ? free : candidates);
}

async function restartBroker({ system: { broker }, random }: FaultDeps): Promise<void> {
  await broker.broker.kill('SIGTERM');
  await pause(between(random, DOWN_MS.low, DOWN_MS.high));
  await broker.bringBack();
}

async function killBroker({ system: { broker }, random, lossWindows }: FaultDeps): Promise<void> {
  await broker.broker.kill('SIGKILL');
  const from = broker.lastSavedAt() - FILE_CLOCK_MS;
  await pause(between(random, DOWN_MS.low, DOWN_MS.high));
  // A screen may notice what the dead broker said until it is connected to the next one.
  lossWindows.push({ from, to: Date.now() });
  await broker.bringBack();
}

async function stopDatabase({ system: { database }, random }: FaultDeps): Promise<void> {
  await database.server.stop('immediate');
  await pause(between(random, DOWN_MS.low, DOWN_MS.high));
  await database.bringBack();
}

async function fillDisk({ system: { database }, random }: FaultDeps): Promise<void> {
  if (database.disk === null) throw new Error('there is no disk that can be filled');
  await database.disk.fill();
  await pause(between(random, FULL_MS.low, FULL_MS.high));
  await database.disk.free();
  // Without room for its log, the server ends itself.
  await database.bringBack();
}

function breakLink(deps: FaultDeps, kind: 'link_stall' | 'link_cut'): Promise<Hit> {
  const { system, random, locks } = deps;
  const free = system.links.filter(({ name }) => locks.isFree(name));
  const link = pick(random, free.length > 0 ? free : system.links);
  return hit(deps, link.name, async () => {
    if (kind === 'link_cut') return link.cut();
    link.stall();
    await pause(between(random, STALL_MS.low, STALL_MS.high));
    link.resume();
  });
}
