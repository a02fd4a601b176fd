import {
  COMMAND_ACTIONS,
  type CommandMessage,
  commandMessageSchema,
  deviceTimeSchema,
  uuidSchema,
} from '@infoscreen/shared-types';
import { z } from 'zod';

/** A later minor version may add fields, and an older server may leave out what can be absent: neither stops a command. */
const tolerantCommandSchema = commandMessageSchema.extend({
  schema_version: z
    .string()
    .regex(/^1\.\d+$/)
    .transform((): CommandMessage['schema_version'] => '1.0'),
  issued_at: deviceTimeSchema,
  expires_at: deviceTimeSchema,
  requested_by: z.string().catch(''),
  reason: z.string().nullable().catch(null),
  boot_id: z
    .string()
    .nullish()
    .transform((value) => value ?? null),
});

const unknownActionSchema = z.object({
  command_id: uuidSchema,
  client_uuid: uuidSchema,
  action: z.string().max(64),
});

export type ParsedCommand =
  | { readonly kind: 'command'; readonly message: CommandMessage }
  /** Well-formed, but this agent has never heard of the action; it is answered, so that nobody waits. */
  | {
      readonly kind: 'unknown_action';
      readonly commandId: string;
      readonly clientUuid: string;
      readonly action: string;
    }
  | { readonly kind: 'invalid'; readonly detail: string };

/** Reads one message from a command topic. Pure; never throws. */
export function parseCommand(payload: Uint8Array): ParsedCommand {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return { kind: 'invalid', detail: 'not valid UTF-8 JSON' };
  }
  const parsed = tolerantCommandSchema.safeParse(json);
  if (parsed.success) return { kind: 'command', message: parsed.data };
  const other = unknownActionSchema.safeParse(json);
  if (other.success && !(COMMAND_ACTIONS as readonly string[]).includes(other.data.action)) {
    const { command_id: commandId, client_uuid: clientUuid, action } = other.data;
    return { kind: 'unknown_action', commandId, clientUuid, action };
  }
  return { kind: 'invalid', detail: z.prettifyError(parsed.error) };
}
