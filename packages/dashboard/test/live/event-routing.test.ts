import { describe, expect, it } from '@jest/globals';
import { LIVE_EVENTS, parseEventData, screenOf, staleKeys } from '../../src/live/event-routing.ts';

describe('an event', () => {
  it('of a screen makes its view, the counts and the crashed ones old', () => {
    expect(staleKeys('client', { uuid: 'u1' })).toEqual([
      ['counts'],
      ['crashed'],
      ['groups'],
      ['screen', 'u1'],
    ]);
  });

  it('of a command makes its timeline, the history and the view of its screen old', () => {
    const keys = staleKeys('command', { commandId: 'c1', clientUuid: 'u1' });
    expect(keys).toEqual([['commands'], ['crashed'], ['command', 'c1'], ['screen', 'u1']]);
  });

  it('of a failure makes the orange panel old', () => {
    expect(staleKeys('failure', { uuid: 'u1' })).toContainEqual(['failures']);
  });

  it('that says that events were lost makes everything old', () => {
    expect(staleKeys('reset', {})).toEqual([[]]);
  });

  it.each(LIVE_EVENTS)('never throws, whatever its data are: %s', (name) => {
    for (const text of ['', 'null', '[]', '{', '7', '{"uuid":null}'])
      expect(staleKeys(name, parseEventData(text)).length).toBeGreaterThan(0);
  });

  it('names the screen that it is about', () => {
    expect(screenOf(parseEventData('{"uuid":"u1"}'))).toBe('u1');
    expect(screenOf(parseEventData('{"commandId":"c1","clientUuid":"u2"}'))).toBe('u2');
    expect(screenOf(parseEventData('{}'))).toBeNull();
  });
});
