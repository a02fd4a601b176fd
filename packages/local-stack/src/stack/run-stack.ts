import type { StackParts } from './stack-parts.ts';
import { readStackSettings } from './stack-settings.ts';
import { startProblem } from './start-problem.ts';
import { openLocalFolder, startStack } from './start-stack.ts';

/** One Ctrl-C may arrive twice: from the terminal, and from who started this process and passes it on. */
const SAME_REQUEST_MS = 500;

/**
 * Runs the stack until the process is asked to stop, then stops what was started, the last first. A second signal ends at
 * once; no part outlives this process even then. Exit code 1 when something has to be changed first.
 * @param layers environments, the most important first
 */
export async function runStack(
  layers: () => readonly Readonly<Record<string, string | undefined>>[],
): Promise<void> {
  const stops: { readonly name: string; readonly stop: () => Promise<unknown> }[] = [];
  let stopping: Promise<void> | undefined;
  let askedAt = 0;
  const stopAll = (exitCode: number) => {
    stopping ??= stopInOrder(stops).then(() => process.exit(exitCode));
    return stopping;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping !== undefined) {
        if (performance.now() - askedAt > SAME_REQUEST_MS) process.exit(1);
        return;
      }
      askedAt = performance.now();
      console.log('\nstopping (once more: at once)');
      void stopAll(0);
    });
  }
  try {
    const parts: StackParts = {
      logs: openLocalFolder(),
      say: (line) => console.log(line),
      onStop: (name, stop) => stops.push({ name, stop }),
    };
    await startStack(readStackSettings(...layers()), parts);
  } catch (error) {
    if (stopping !== undefined) return;
    console.error(`\n${startProblem(error)}`);
    await stopAll(1);
  }
}

async function stopInOrder(
  stops: readonly { readonly name: string; readonly stop: () => Promise<unknown> }[],
): Promise<void> {
  for (const { name, stop } of stops.toReversed()) {
    console.log(`stopping ${name}`);
    await stop().catch((error: unknown) => console.error(`${name}: ${startProblem(error)}`));
  }
}
