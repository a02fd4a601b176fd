import { z } from 'zod';
import type { AccountBook } from './account-book.ts';

/** What a command did: `changes` = to be saved; `cut` = accounts whose connections end, so that the change holds at once. */
export interface CommandOutcome {
  readonly error?: string;
  readonly data?: unknown;
  readonly changes?: boolean;
  readonly cut?: readonly string[];
}

export type ControlCommand = (book: AccountBook, input: unknown) => CommandOutcome;

export const roleNotFound: CommandOutcome = { error: 'Role not found' };

/** Part of a list command's input. */
export const paged = z.object({
  verbose: z.boolean().default(false),
  count: z.int().default(-1),
  offset: z.int().default(0),
});
/** For people; carried along unread. */
export const texts = { textname: z.string().optional(), textdescription: z.string().optional() };

/** Makes a command out of a schema for its input and what it does; input that breaks the schema is answered with an error. */
export function command<Input>(
  schema: z.ZodType<Input>,
  run: (book: AccountBook, input: Input) => CommandOutcome,
): ControlCommand {
  return (book, input) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return run(book, parsed.data);
    return { error: `Invalid/missing ${parsed.error.issues[0]?.path.join('.') ?? 'field'}` };
  };
}

export function sortedBy<Item>(items: Iterable<Item>, key: (item: Item) => string): readonly Item[] {
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

export function pageOf<Item>(
  items: readonly Item[],
  { count, offset }: { count: number; offset: number },
): readonly Item[] {
  return items.slice(offset, count < 0 ? undefined : offset + count);
}
