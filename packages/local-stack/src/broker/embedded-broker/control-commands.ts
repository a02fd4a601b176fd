import { CLIENT_COMMANDS } from './client-commands.ts';
import type { ControlCommand } from './control-command.ts';
import { ROLE_COMMANDS } from './role-commands.ts';

/** The commands of `$CONTROL/dynamic-security` that this broker knows, with Mosquitto's names, answers and effects. */
export const CONTROL_COMMANDS: ReadonlyMap<string, ControlCommand> = new Map([
  ...CLIENT_COMMANDS,
  ...ROLE_COMMANDS,
]);
