import { describe, expect, it } from '@jest/globals';
import { judge } from '../src/books/judge.ts';
import { tellStory } from '../src/report/story.ts';
import { COMMAND, execution, records, START } from './records.ts';

describe('the story of a finding', () => {
  const given = records({ screens: { executions: [execution, { ...execution, at: execution.at + 50 }] } });
  const [finding] = judge(given).findings;
  const fault = (startedAt: number, target: string) => ({
    kind: 'broker_kill' as const,
    target,
    startedAt,
    endedAt: startedAt + 10,
  });
  const story =
    finding === undefined
      ? ''
      : tellStory(finding, given, [
          fault(START + 900, 'a broker near it'),
          fault(START + 900_000, 'a broker long after it'),
        ]);
  const lines = story.split('\n');

  it('begins with what is wrong and with which command', () => {
    expect(lines[0]).toBe('at_most_one_execution: the screen ran it 2 times');
    expect(lines[1]).toContain(COMMAND);
  });

  it('tells in the order of time what database, screen and broker did', () => {
    const order = [
      'the API answered 202',
      'FAULT broker_kill',
      'screen: ran it',
      'screen: said completed',
      'broker: took ACK',
    ];
    const positions = order.map((text) => lines.findIndex((line) => line.includes(text)));
    expect(positions).not.toContain(-1);
    expect(positions).toEqual(positions.toSorted((one, other) => one - other));
    expect(story).toContain('database: transition new → queued');
  });

  it('leaves out the faults of other times', () => {
    expect(story).toContain('a broker near it');
    expect(story).not.toContain('a broker long after it');
  });
});
