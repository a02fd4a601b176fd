import { z } from 'zod';
import type { AccountBook } from './account-book.ts';
import { CONTROL_COMMANDS } from './control-commands.ts';

const requestSchema = z.object({ commands: z.array(z.unknown()) });
const commandSchema = z.looseObject({ command: z.string(), correlationData: z.string().optional() });

interface ControlResponse {
  readonly command: string;
  readonly error?: string;
  readonly data?: unknown;
  readonly correlationData?: string;
}

export interface ControlAnswer {
  readonly responses: readonly ControlResponse[];
  /** Accounts whose live connections must end now. */
  readonly cut: ReadonlySet<string>;
}

/**
 * Runs the commands of one control message in order, and saves once when any changed something: an answer is given only
 * after what it confirms is on disk. Input that isn't understood is answered with an error and changes nothing.
 */
export function answerControlRequest(book: AccountBook, payload: Buffer): ControlAnswer {
  const request = requestSchema.safeParse(parseJson(payload));
  if (!request.success)
    return { responses: [{ command: 'Unknown command', error: 'Invalid/missing commands' }], cut: new Set() };
  const cut = new Set<string>();
  let changes = false;
  const responses = request.data.commands.map((input): ControlResponse => {
    const known = commandSchema.safeParse(input);
    if (!known.success) return { command: 'Unknown command', error: 'Missing command' };
    const { command, correlationData } = known.data;
    const run = CONTROL_COMMANDS.get(command);
    const {
      changes: changed,
      cut: cutNow,
      ...answer
    } = run === undefined ? { error: 'Unknown command' } : run(book, input);
    changes ||= changed === true;
    for (const username of cutNow ?? []) cut.add(username);
    return { command, ...answer, ...(correlationData === undefined ? {} : { correlationData }) };
  });
  if (changes) book.save();
  return { responses, cut };
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}
