import type { BurstOrder, BurstResult } from '../load/burst.ts';
import { prepareBurst, untilResult } from '../load/load-process.ts';
import { startProgram } from '../system/start-program.ts';
import type { SubscriberOrder } from './subscriber-order.ts';

export type SubscriberName = 'bare' | 'prisma';

const DEADLINE_MS = 300_000;

export interface SubscriberRun {
  readonly burst: BurstResult;
  /** From the first message's departure until the last one was dealt with. */
  readonly seconds: number;
  readonly messagesPerSecond: number;
}

/** One burst into one of the limit programs. */
export async function runSubscriber(
  name: SubscriberName,
  burstOrder: BurstOrder,
  order: SubscriberOrder,
): Promise<SubscriberRun> {
  const { process, stop } = await startProgram(`limits/${name}-subscriber-main`, order);
  try {
    const ready = await prepareBurst(burstOrder);
    try {
      const burst = await ready.send();
      const { at } = (await untilResult(process, 'received', DEADLINE_MS)) as { at: number };
      const seconds = (at - burst.startedAt) / 1000;
      return { burst, seconds, messagesPerSecond: order.messages / seconds };
    } finally {
      await ready.stop();
    }
  } finally {
    await stop();
  }
}
