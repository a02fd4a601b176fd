import { describe, expect, it } from '@jest/globals';
import { parseCommand } from '../../src/commands/parse-command.ts';
import { buildCommand } from './builders.ts';

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('a command message', () => {
  it('is read as it was written', () => {
    expect(parseCommand(bytes(buildCommand()))).toEqual({ kind: 'command', message: buildCommand() });
  });

  it('may carry fields and a minor version of the future', () => {
    const parsed = parseCommand(bytes({ ...buildCommand(), schema_version: '1.3', priority: 'high' }));
    expect(parsed).toEqual({ kind: 'command', message: buildCommand() });
  });

  it('may leave out what can be absent', () => {
    const { boot_id: _bootId, reason: _reason, requested_by: _by, ...rest } = buildCommand();
    const message = buildCommand({ boot_id: null, reason: null, requested_by: '' });
    expect(parseCommand(bytes(rest))).toEqual({ kind: 'command', message });
  });

  it('is told apart when only its action is unknown, so that it can be answered', () => {
    expect(parseCommand(bytes({ ...buildCommand(), action: 'open_curtain' }))).toMatchObject({
      kind: 'unknown_action',
      action: 'open_curtain',
    });
  });

  it.each([
    ['broken JSON', Buffer.from('{"command_id": ')],
    ['no object', bytes(7)],
    ['nothing', Buffer.alloc(0)],
    ['not UTF-8', Buffer.from([0xff, 0xfe])],
    ['another major version', bytes({ ...buildCommand(), schema_version: '2.0' })],
    ['no command_id', bytes({ ...buildCommand(), command_id: undefined })],
    ['an expiry that is no time', bytes({ ...buildCommand(), expires_at: 'soon' })],
  ])('is invalid when it is %s', (_, payload) => {
    expect(parseCommand(payload).kind).toBe('invalid');
  });
});
