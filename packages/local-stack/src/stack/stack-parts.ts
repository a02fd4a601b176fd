import type { LogFiles } from './log-files.ts';

/** What every part of the stack is given while it starts. */
export interface StackParts {
  readonly logs: LogFiles;
  /** Tells the person at the terminal, in one line, what is being done. */
  say(line: string): void;
  /** What was started last is stopped first. */
  onStop(name: string, stop: () => Promise<unknown>): void;
}
