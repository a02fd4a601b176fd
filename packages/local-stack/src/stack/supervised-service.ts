import { type ManagedProcess, startManagedProcess } from '../process/managed-process.ts';
import { nodeArgumentsOf } from '../process/node-arguments.ts';
import type { LogFiles } from './log-files.ts';
import { type Environment, StackRefusedError } from './stack-settings.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** One that ran for so long and died is started again without a long pause. */
const STABLE_AFTER_MS = 30_000;
const STOP_GRACE_MS = 12_000;

export interface ServiceOptions {
  readonly name: string;
  /** The file that Node runs. */
  readonly entry: string;
  readonly env: Environment;
  readonly logs: LogFiles;
}

/** A process of ours that is started again when it dies, with a growing pause, until it is stopped. */
export interface SupervisedService {
  readonly name: string;
  /** Rejects when it ended, before `abandonStart`, with a message about its settings: starting it again wouldn't help. */
  readonly refused: Promise<never>;
  stop(): Promise<void>;
}

export async function superviseService({
  name,
  entry,
  env,
  logs,
}: ServiceOptions): Promise<SupervisedService> {
  let isStopping = false;
  let endPause: (() => void) | undefined;
  let current: ManagedProcess;
  let refuse: (error: Error) => void = () => {};
  const refused = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  refused.catch(() => {});

  const start = () =>
    startManagedProcess({
      name,
      command: process.execPath,
      args: [...nodeArgumentsOf(entry), entry],
      env,
      onLine: (line) => logs.write(name, line),
    });
  current = await start();

  const keepRunning = async () => {
    let failures = 0;
    while (!isStopping) {
      const startedAt = Date.now();
      const { code, signal } = await current.ended;
      if (isStopping) return;
      const ranForMs = Date.now() - startedAt;
      failures = ranForMs > STABLE_AFTER_MS ? 1 : failures + 1;
      if (ranForMs < 5000 && code === 1)
        refuse(new StackRefusedError(`${name} did not start:\n${current.output().slice(-10).join('\n')}`));
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
      logs.event(
        `${name} ended (${signal ?? `exit code ${code}`}); starting it again in ${pauseMs / 1000} s`,
      );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs);
        endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (!isStopping) current = await start();
    }
  };
  const running = keepRunning();

  return {
    name,
    refused,
    stop: async () => {
      isStopping = true;
      endPause?.();
      await current.stop({ graceMs: STOP_GRACE_MS });
      await running;
    },
  };
}
