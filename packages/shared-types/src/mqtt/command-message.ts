import { z } from 'zod';
import { COMMAND_ACTIONS } from '../commands/lifecycle.ts';
import { serverTimeSchema, uuidSchema } from '../text.ts';

export const SCHEMA_VERSION = '1.0';

/** What goes out on a command topic. Never retained; the same bytes at every repetition. */
export const commandMessageSchema = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  command_id: uuidSchema,
  client_uuid: uuidSchema,
  action: z.enum(COMMAND_ACTIONS),
  issued_at: serverTimeSchema,
  expires_at: serverTimeSchema,
  requested_by: z.string(),
  reason: z.string().nullable(),
  boot_id: z.string().nullable(),
});
export type CommandMessage = z.output<typeof commandMessageSchema>;

/** The parts of a stored command that its message is made of. */
export interface CommandMessageSource {
  readonly commandId: string;
  readonly clientUuid: string;
  readonly action: CommandMessage['action'];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly requestedBy: string;
  readonly reason: string | null;
  readonly bootId: string | null;
}

/** Pure and deterministic: a repeated publish carries the same bytes, so that a device can trust its de-duplication. */
export function commandMessage(command: CommandMessageSource): CommandMessage {
  return {
    schema_version: SCHEMA_VERSION,
    command_id: command.commandId,
    client_uuid: command.clientUuid,
    action: command.action,
    issued_at: command.createdAt.toISOString(),
    expires_at: command.expiresAt.toISOString(),
    requested_by: command.requestedBy,
    reason: command.reason,
    boot_id: command.bootId,
  };
}
