import { findCommand, type StoredCommand, type StoredCommandEvent } from '@infoscreen/commands';
import { inTransaction } from '@infoscreen/prisma';
import type { CommandStatus } from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createClient, request, useDatabase } from '../fleet-fixture.ts';
import { type CommandModel, newCommand } from './command-model.ts';
import { propertyRuns } from './env.ts';
import { exploreInterleavings } from './explore-interleavings.ts';
import { anyMove, anyOutboxMove, type LifecycleMove, type Subject } from './lifecycle-moves.ts';
import { StallingBroker } from './stalling-broker.ts';

const REPLICAS = 3;
/** Leases and delays are real: a story that took longer than the shortest of them says nothing. */
const LONGEST_STORY_MS = 2000;

const database = useDatabase(REPLICAS);

interface PlacedMove {
  readonly move: LifecycleMove;
  readonly replica: number;
}
/** Moves that happen at the same moment. */
interface Round {
  readonly moves: readonly PlacedMove[];
  /** Somebody else holds the row until they all have begun: each then has a snapshot older than what it waits for. */
  readonly isHeldUp: boolean;
}

const roundsOf = (move: fc.Arbitrary<LifecycleMove>) =>
  fc.array(
    fc.record({
      moves: fc.array(fc.record({ move, replica: fc.integer({ min: 0, max: REPLICAS - 1 }) }), {
        minLength: 1,
        maxLength: 4,
      }),
      isHeldUp: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  );
const anyStory = fc.record({
  isLegacy: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  rounds: fc.oneof(roundsOf(anyMove), roundsOf(anyOutboxMove)),
});

async function newSubject(isLegacy: boolean): Promise<Subject> {
  const clientUuid = await createClient(database.pool, { bootId: isLegacy ? null : 'boot-1' });
  const issued = await request(database.pool, clientUuid);
  if (!('command' in issued)) throw new Error(`not issued: ${issued.outcome}`);
  const { commandId } = issued.command;
  // Due only when a move says so.
  await database.pool.query(
    `UPDATE client_commands SET next_publish_at = now() + interval '1 hour' WHERE command_id = $1`,
    [commandId],
  );
  const strangerUuid = await createClient(database.pool);
  return { commandId, clientUuid, strangerUuid, stalling: new StallingBroker() };
}

async function actTogether(subject: Subject, { moves, isHeldUp }: Round): Promise<readonly string[]> {
  const begin = () =>
    Promise.all(
      moves.map(({ move, replica }) => {
        const pool = database.pools[replica];
        if (pool === undefined) throw new Error(`there is no replica ${replica}`);
        return move.act(subject, pool, `replica-${replica}`);
      }),
    );
  if (!isHeldUp || moves.length === 1) return begin();
  const { outcomes } = await inTransaction(database.pool, async (db) => {
    await db.query('SELECT FROM client_commands WHERE command_id = $1 FOR UPDATE', [subject.commandId]);
    const begun = begin();
    begun.catch(() => {});
    // Not all of them need the row; who does has asked for it after a few round trips.
    for (let look = 0; look < 4; look += 1) await db.query('SELECT 1');
    return { outcomes: begun };
  });
  return outcomes;
}

async function stored(commandId: string) {
  const found = await findCommand(database.pool, commandId);
  if (found === null) throw new Error('the command is gone');
  return found;
}

/** What of the row the model tells too. */
async function visibleRow(commandId: string): Promise<string> {
  const { rows } = await database.pool.query(
    `SELECT status, error_code AS "errorCode", late_outcome AS "lateOutcome", publish_attempt AS attempt
     FROM client_commands WHERE command_id = $1`,
    [commandId],
  );
  return JSON.stringify(rows[0]);
}

const visibleState = ({ status, errorCode, lateOutcome, attempt }: CommandModel) =>
  JSON.stringify({ status, errorCode, lateOutcome, attempt });

/** Plays the story; after each round, the row and all answers must be what some order of atomic steps leads to. */
async function play(subject: Subject, isLegacy: boolean, rounds: readonly Round[]): Promise<void> {
  let states: readonly CommandModel[] = [newCommand({ isLegacy })];
  for (const round of rounds) {
    const possible = exploreInterleavings(
      states,
      round.moves.map(({ move }) => move.model),
    );
    const outcomes = await actTogether(subject, round);
    const seen = await visibleRow(subject.commandId);
    states = possible
      .filter((reached) => reached.outcomes.join() === outcomes.join())
      .map(({ state }) => state)
      .filter((state) => visibleState(state) === seen);
    if (states.length === 0) {
      const each = round.moves.map(({ move }, index) => `${move.name}: ${outcomes[index] ?? ''}`);
      throw new Error(`no order of ${each.join('; ')} leads to ${seen}`);
    }
  }
}

const ENDS: readonly CommandStatus[] = ['completed', 'failed', 'expired', 'blocked_safety', 'cancelled'];
/** Steps that may follow one another, written out by hand. */
const LEGAL_STEPS = new Set([
  'null → queued',
  ...['publish_in_progress', 'expired', 'cancelled'].map((to) => `queued → ${to}`),
  ...['publish_in_progress', 'published', 'ack_received', 'execution_started', 'completed', 'failed']
    .concat('expired', 'blocked_safety')
    .map((to) => `publish_in_progress → ${to}`),
  ...['ack_received', 'execution_started', 'completed', 'failed', 'expired', 'blocked_safety'].map(
    (to) => `published → ${to}`,
  ),
  ...['execution_started', 'completed', 'failed', 'expired', 'blocked_safety'].map(
    (to) => `ack_received → ${to}`,
  ),
  ...['completed', 'failed', 'expired', 'blocked_safety'].map((to) => `execution_started → ${to}`),
]);

function expectLegalTimeline(command: StoredCommand, timeline: readonly StoredCommandEvent[]): void {
  const steps = timeline.filter(({ kind }) => kind === 'transition');
  expect(
    steps.map((step) => `${step.fromStatus} → ${step.toStatus}`).filter((it) => !LEGAL_STEPS.has(it)),
  ).toEqual([]);
  expect(steps.map(({ fromStatus }) => fromStatus)).toEqual([
    null,
    ...steps.slice(0, -1).map(({ toStatus }) => toStatus),
  ]);
  expect(steps.at(-1)?.toStatus).toBe(command.status);
  const ends = steps.filter(({ toStatus }) => ENDS.includes(toStatus));
  expect(ends).toHaveLength(ENDS.includes(command.status) ? 1 : 0);
  expect(command.finishedAt !== null).toBe(ends.length === 1);
  const late = timeline.filter(({ kind }) => kind === 'late_result');
  expect(late).toHaveLength(command.lateOutcome === null ? 0 : 1);
  if (late[0] !== undefined)
    expect(timeline.indexOf(late[0])).toBeGreaterThan(timeline.indexOf(ends[0] as never));
}

/** What is left of a story must not be taken up by the next one. */
const putAside = (commandId: string) =>
  database.pool.query('UPDATE client_commands SET next_publish_at = NULL WHERE command_id = $1', [commandId]);

describe('a command to which anything may happen, at any moment, on three replicas', () => {
  it('is at each moment where a simple model allows it to be, with a legal timeline and at most one end', async () => {
    let played = 0;
    const holds = async ({ isLegacy, rounds }: { isLegacy: boolean; rounds: readonly Round[] }) => {
      const subject = await newSubject(isLegacy);
      const startedAt = performance.now();
      try {
        await play(subject, isLegacy, rounds);
        const { command, timeline } = await stored(subject.commandId);
        expectLegalTimeline(command, timeline);
        played += 1;
      } catch (error) {
        if (performance.now() - startedAt < LONGEST_STORY_MS) throw error;
      } finally {
        await putAside(subject.commandId);
      }
    };
    const numRuns = propertyRuns();
    await fc.assert(fc.asyncProperty(anyStory, holds), { numRuns });
    expect(played).toBeGreaterThan(numRuns * 0.9);
  }, 600_000);
});
