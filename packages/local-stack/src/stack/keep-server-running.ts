import { setTimeout as pause } from 'node:timers/promises';
import type { LogFiles } from './log-files.ts';

const LOOK_EVERY_MS = 500;
const RETRY_AFTER_MS = 5000;

export interface KeptServer {
  readonly name: string;
  readonly isRunning: () => boolean;
  /** Starts it again on its port and its data. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<unknown>;
}

/**
 * Starts the database or the broker again when it died. The services bear its absence and come back by themselves.
 * @returns stops it for good: looks no more, waits for a start that is under way
 */
export function keepServerRunning(server: KeptServer, logs: LogFiles): () => Promise<void> {
  const stopping = new AbortController();
  const rest = (ms: number) => pause(ms, undefined, { signal: stopping.signal }).catch(() => undefined);

  const startAgain = async () => {
    logs.event(`${server.name} ended; starting it again`);
    try {
      await server.start();
      logs.event(`${server.name} runs again`);
    } catch (error) {
      logs.event(
        `${server.name} can't be started again: ${error instanceof Error ? error.message : String(error)}`,
      );
      await rest(RETRY_AFTER_MS);
    }
  };
  const watch = async () => {
    while (!stopping.signal.aborted) {
      if (!server.isRunning()) await startAgain();
      await rest(LOOK_EVERY_MS);
    }
  };
  const watching = watch();

  return async () => {
    stopping.abort();
    await watching;
    await server.stop();
  };
}
