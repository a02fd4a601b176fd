import { COMMAND_ACTIONS } from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import type { RememberedCommand } from '../../src/commands/agent-memory.ts';
import { decideCommand } from '../../src/commands/decide-command.ts';
import { buildCommand, buildState, COMMAND_ID, NOW } from './builders.ts';

const FAILED = { status: 'failed', errorCode: 'projector_missing' } as const;
const FINISHED: RememberedCommand = {
  state: 'finished',
  commandId: COMMAND_ID,
  result: FAILED,
  isConfirmed: true,
};
const PAST = '2030-01-01T11:59:30.000Z';

describe('a command that arrives', () => {
  it.each(COMMAND_ACTIONS)('runs when it is new, fresh and of this boot: %s', (action) => {
    expect(decideCommand(buildCommand({ action }), buildState(), NOW)).toEqual({ kind: 'run' });
  });

  it.each(COMMAND_ACTIONS)('runs when the server knew no boot id: %s', (action) => {
    expect(decideCommand(buildCommand({ action, boot_id: null }), buildState(), NOW)).toEqual({
      kind: 'run',
    });
  });

  it('runs on an agent that knows no boot id, whatever boot the server had in mind', () => {
    expect(decideCommand(buildCommand(), buildState({ bootId: null }), NOW)).toEqual({ kind: 'run' });
  });

  it('is passed over in silence when it is addressed to another screen', () => {
    const message = buildCommand({ client_uuid: '33333333-3333-4333-8333-333333333333' });
    expect(decideCommand(message, buildState(), NOW)).toEqual({ kind: 'not_mine' });
  });

  it('has its result repeated when it ended before, even expired and from another boot', () => {
    const message = buildCommand({ boot_id: 'boot-0', expires_at: PAST });
    const decision = decideCommand(message, buildState({ commands: [FINISHED] }), NOW);
    expect(decision).toEqual({ kind: 'repeat_result', result: FAILED });
  });

  it.each(['accepted', 'execution_started'] as const)('has its progress repeated while it is %s', (state) => {
    const known: RememberedCommand =
      state === 'accepted'
        ? { state, commandId: COMMAND_ID, bootId: 'boot-1', message: buildCommand() }
        : { state, commandId: COMMAND_ID, bootId: 'boot-1', action: 'reboot_host' };
    const decision = decideCommand(buildCommand(), buildState({ commands: [known] }), NOW);
    expect(decision).toEqual({ kind: 'in_progress', status: state });
  });

  it('counts as completed when it is a reboot from before this boot, even expired', () => {
    const message = buildCommand({ boot_id: 'boot-0', expires_at: PAST });
    const decision = decideCommand(message, buildState(), NOW);
    expect(decision).toEqual({ kind: 'already_rebooted', result: { status: 'completed' } });
  });

  it.each(['shutdown_host', 'restart_app'] as const)(
    'fails as boot_changed when it is a %s from before this boot',
    (action) => {
      const decision = decideCommand(buildCommand({ action, boot_id: 'boot-0' }), buildState(), NOW);
      expect(decision).toMatchObject({
        kind: 'boot_changed',
        result: { status: 'failed', errorCode: 'boot_changed' },
      });
    },
  );

  it.each(COMMAND_ACTIONS)('fails as expired_on_arrival past expires_at: %s', (action) => {
    const decision = decideCommand(buildCommand({ action, expires_at: PAST }), buildState(), NOW);
    expect(decision).toMatchObject({
      kind: 'expired',
      result: { status: 'failed', errorCode: 'expired_on_arrival' },
    });
  });

  it('is too late at the very instant of expires_at, and in time a millisecond before', () => {
    const message = buildCommand({ expires_at: new Date(NOW).toISOString() });
    expect(decideCommand(message, buildState(), NOW).kind).toBe('expired');
    expect(decideCommand(message, buildState(), NOW - 1).kind).toBe('run');
  });
});
