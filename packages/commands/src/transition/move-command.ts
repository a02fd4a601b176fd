import type { Queryable } from '@infoscreen/prisma';
import type { CommandEventSource, LifecycleEvent } from '@infoscreen/shared-types';
import { type Moved, moveCommands } from './move-commands.ts';

export type { Moved } from './move-commands.ts';

export interface Move {
  readonly event: LifecycleEvent;
  readonly commandId: string;
  readonly source: CommandEventSource;
  readonly actor: string;
  /** SQL for the timeline's columns; constants or expressions over the moved row `m`. */
  readonly recorded?: { readonly errorCode?: string; readonly detail?: string };
  /** Further conditions on the row `c`, besides the states of the table. */
  readonly guard?: string;
  /** Assignments besides `status`, over the row `c`. */
  readonly set: string;
  /** Values of `$6` and up, for `guard`, `set` and `recorded`. */
  readonly values?: readonly unknown[];
}

/** Makes one transition of one command: `moveCommands` of one, which waits for whoever holds the row. */
export async function moveCommand(db: Queryable, move: Move): Promise<Moved | undefined> {
  const [moved] = await moveCommands(db, { ...move, rows: [move] });
  return moved;
}
