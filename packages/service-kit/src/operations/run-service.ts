import { loggableText } from '../logging/loggable.ts';
import type { Logger } from '../logging/logger.ts';
import { StartRefusedError } from '../settings/start-refused-error.ts';

const STOP_TIMEOUT_MS = 10_000;

export interface RunningService {
  stop(): Promise<void>;
  /** For what the frame itself has to say. */
  readonly logger?: Logger;
}

export interface ServiceOptions {
  readonly name: string;
  /** `stopping` is aborted when the process is asked to stop, before `stop` is called: readiness goes off with it. */
  readonly start: (stopping: AbortSignal) => Promise<RunningService>;
}

/**
 * Runs a service until the process is asked to stop. SIGTERM or SIGINT: readiness off, then `stop()`, at most 10 s; a
 * second signal ends at once. Exit code 0 after a clean stop, 1 after anything else. An error that nobody caught ends
 * the process: nothing depends on a clean end, and a half-broken process helps no one.
 */
export function runService({ name, start }: ServiceOptions): void {
  const stopping = new AbortController();
  let service: RunningService | undefined;

  const fail = (message: string, error: unknown) => {
    if (service?.logger !== undefined) service.logger.error(message, { error });
    else
      console.error(
        `${name}: ${message}: ${loggableText(error instanceof Error ? (error.stack ?? error.message) : String(error), 4000)}`,
      );
    process.exit(1);
  };
  process.on('unhandledRejection', (error) => fail('unhandled rejection', error));
  process.on('uncaughtException', (error) => fail('uncaught exception', error));

  const started = start(stopping.signal).then(
    (running) => {
      service = running;
      running.logger?.info('service started', { node: process.version, pid: process.pid });
    },
    (error: unknown) => {
      if (stopping.signal.aborted) process.exit(0);
      if (error instanceof StartRefusedError) {
        console.error(`${name}: ${error.message}`);
        process.exit(1);
      }
      fail('the start failed', error);
    },
  );

  const stop = async (signal: string) => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
    service?.logger?.info('service stopping', { signal });
    setTimeout(
      () => fail('the stop took too long', new Error(`not stopped within ${STOP_TIMEOUT_MS} ms`)),
      STOP_TIMEOUT_MS,
    );
    await started;
    await service?.stop();
    service?.logger?.info('service stopped');
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      stop(signal).catch((error: unknown) => fail('the stop failed', error));
    });
  }
}
