import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A log larger than this is set aside once, as `<name>.log.1`. */
const MAX_LOG_BYTES = 20 * 1024 * 1024;
const CHECK_EVERY_LINES = 1000;

export interface LogFiles {
  /** Appends a line of `part` to its file, and shows it on the terminal where `shown`. */
  write(part: string, line: string, options?: { readonly shown?: boolean }): void;
  /** What the stack itself noticed or did, with the time; other parts' lines bring their own. */
  event(line: string): void;
}

/** Log files of the stack's parts in `folder`, one each, bounded; the same lines go to the terminal behind the part's name. */
export function createLogFiles(folder: string, terminal: NodeJS.WritableStream): LogFiles {
  mkdirSync(folder, { recursive: true });
  const lines = new Map<string, number>();
  const write: LogFiles['write'] = (part, line, { shown = true } = {}) => {
    const path = join(folder, `${part}.log`);
    const count = lines.get(part) ?? 0;
    if (count % CHECK_EVERY_LINES === 0) setAsideWhenLarge(path);
    lines.set(part, count + 1);
    appendFileSync(path, `${line}\n`);
    if (shown) terminal.write(`${part.padEnd(9)} │ ${line}\n`);
  };
  return { write, event: (line) => write('stack', `${new Date().toISOString()} ${line}`) };
}

function setAsideWhenLarge(path: string): void {
  if (existsSync(path) && statSync(path).size > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
}
