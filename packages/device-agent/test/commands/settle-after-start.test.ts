import { describe, expect, it } from '@jest/globals';
import type { RememberedCommand } from '../../src/commands/agent-memory.ts';
import { settleAfterStart } from '../../src/commands/settle-after-start.ts';
import { buildCommand, COMMAND_ID } from './builders.ts';

type Action = 'reboot_host' | 'shutdown_host' | 'restart_app';
const accepted = (action: Action): RememberedCommand => ({
  state: 'accepted',
  commandId: COMMAND_ID,
  bootId: 'boot-1',
  message: buildCommand({ action }),
});
const started = (action: Action): RememberedCommand => ({
  state: 'execution_started',
  commandId: COMMAND_ID,
  bootId: 'boot-1',
  action,
});

describe('a command that the last life of the agent left open', () => {
  it.each(['reboot_host', 'shutdown_host'] as const)(
    'is completed when it was a started %s and the boot is new',
    (action) => {
      expect(settleAfterStart([started(action)], 'boot-2')).toEqual([
        { kind: 'finish', commandId: COMMAND_ID, result: { status: 'completed' } },
      ]);
    },
  );

  it('fails as interrupted when a restart of the player was cut off by a new boot', () => {
    expect(settleAfterStart([started('restart_app')], 'boot-2')).toMatchObject([
      { kind: 'finish', result: { status: 'failed', errorCode: 'interrupted' } },
    ]);
  });

  it.each(['reboot_host', 'shutdown_host', 'restart_app'] as const)(
    'fails as interrupted, and never runs again, when a started %s finds the same boot',
    (action) => {
      expect(settleAfterStart([started(action)], 'boot-1')).toMatchObject([
        { kind: 'finish', result: { status: 'failed', errorCode: 'interrupted' } },
      ]);
    },
  );

  it('runs when it was only accepted and the boot is the same', () => {
    expect(settleAfterStart([accepted('restart_app')], 'boot-1')).toEqual([
      { kind: 'run', message: buildCommand({ action: 'restart_app' }) },
    ]);
  });

  it('is completed when it was an accepted reboot and the boot is new', () => {
    expect(settleAfterStart([accepted('reboot_host')], 'boot-2')).toMatchObject([
      { kind: 'finish', result: { status: 'completed' } },
    ]);
  });

  it.each(['shutdown_host', 'restart_app'] as const)(
    'fails as boot_changed when it was an accepted %s and the boot is new',
    (action) => {
      expect(settleAfterStart([accepted(action)], 'boot-2')).toMatchObject([
        { kind: 'finish', result: { status: 'failed', errorCode: 'boot_changed' } },
      ]);
    },
  );

  it('is left alone when it had finished', () => {
    const finished: RememberedCommand = {
      state: 'finished',
      commandId: COMMAND_ID,
      result: { status: 'completed' },
      isConfirmed: true,
    };
    expect(settleAfterStart([finished], 'boot-2')).toEqual([]);
  });
});
