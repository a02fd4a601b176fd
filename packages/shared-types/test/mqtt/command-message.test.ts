import { describe, expect, it } from '@jest/globals';
import { type CommandMessageSource, commandMessage, commandMessageSchema } from '../../src/index.ts';

const STORED: CommandMessageSource = {
  commandId: '0190a1b2-c3d4-7e5f-8a9b-000000000001',
  clientUuid: '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
  action: 'reboot_host',
  createdAt: new Date('2026-11-24T08:00:00.123Z'),
  expiresAt: new Date('2026-11-24T08:04:00.123Z'),
  requestedBy: 'anna',
  reason: null,
  bootId: 'boot-7',
};

describe('the message of a command', () => {
  it('says what the contract names, in snake_case and UTC', () => {
    expect(commandMessage(STORED)).toEqual({
      schema_version: '1.0',
      command_id: STORED.commandId,
      client_uuid: STORED.clientUuid,
      action: 'reboot_host',
      issued_at: '2026-11-24T08:00:00.123Z',
      expires_at: '2026-11-24T08:04:00.123Z',
      requested_by: 'anna',
      reason: null,
      boot_id: 'boot-7',
    });
  });

  it('keeps its own schema', () => {
    expect(commandMessageSchema.parse(commandMessage(STORED))).toEqual(commandMessage(STORED));
  });

  it('has the same bytes at every repetition', () => {
    expect(JSON.stringify(commandMessage({ ...STORED }))).toBe(JSON.stringify(commandMessage(STORED)));
  });
});
