import { describe, expect, it } from '@jest/globals';
import {
  type AgentMemory,
  EMPTY_MEMORY,
  markConfirmed,
  type RememberedCommand,
  recentResults,
  remember,
} from '../../src/commands/agent-memory.ts';

const finished = (commandId: string): RememberedCommand => ({
  state: 'finished',
  commandId,
  result: { status: 'completed' },
  isConfirmed: false,
});
const started = (commandId: string): RememberedCommand => ({
  state: 'execution_started',
  commandId,
  bootId: 'boot-1',
  action: 'restart_app',
});
const withFinished = (count: number): AgentMemory =>
  Array.from({ length: count }, (_, index) => finished(`c${index}`)).reduce(remember, EMPTY_MEMORY);

describe('the memory of an agent', () => {
  it('holds one entry for a command, the newest', () => {
    const memory = remember(remember(EMPTY_MEMORY, started('a')), finished('a'));
    expect(memory.commands).toEqual([finished('a')]);
  });

  it('forgets the oldest finished commands beyond 64, and never an unfinished one', () => {
    const memory = [started('open'), ...withFinished(80).commands].reduce(remember, EMPTY_MEMORY);
    expect(memory.commands).toHaveLength(64);
    expect(memory.commands[0]).toEqual(started('open'));
    expect(memory.commands.at(-1)).toEqual(finished('c79'));
  });

  it('repeats at most the 8 newest results, newest first, and nothing unfinished', () => {
    const results = recentResults(remember(withFinished(12), started('open')));
    expect(results.map(({ command_id }) => command_id)).toEqual([
      'c11',
      'c10',
      'c9',
      'c8',
      'c7',
      'c6',
      'c5',
      'c4',
    ]);
  });

  it('notes that the broker took a result', () => {
    expect(markConfirmed(withFinished(1), 'c0').commands).toEqual([{ ...finished('c0'), isConfirmed: true }]);
  });
});
