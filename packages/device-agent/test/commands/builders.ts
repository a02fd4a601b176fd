import type { CommandMessage } from '@infoscreen/shared-types';
import type { AgentState } from '../../src/commands/decide-command.ts';

export const CLIENT_UUID = '11111111-1111-4111-8111-111111111111';
export const COMMAND_ID = '22222222-2222-4222-8222-222222222222';
export const NOW = Date.parse('2030-01-01T12:00:00.000Z');

export function buildCommand(overrides: Partial<CommandMessage> = {}): CommandMessage {
  return {
    schema_version: '1.0',
    command_id: COMMAND_ID,
    client_uuid: CLIENT_UUID,
    action: 'reboot_host',
    issued_at: '2030-01-01T11:59:00.000Z',
    expires_at: '2030-01-01T12:04:00.000Z',
    requested_by: 'anna',
    reason: null,
    boot_id: 'boot-1',
    ...overrides,
  };
}

export function buildState(overrides: Partial<AgentState> = {}): AgentState {
  return { clientUuid: CLIENT_UUID, bootId: 'boot-1', commands: [], ...overrides };
}
