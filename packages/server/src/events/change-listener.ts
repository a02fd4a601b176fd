import { type Listening, type ListenOptions, listen } from '@infoscreen/prisma';
import { createLoop, type Logger, type Loop } from '@infoscreen/service-kit';

/** Between two looks whether the connection lives; one that is lost is made anew at once, and then this often. */
const CHECK_MS = 5000;
const CHANNEL = 'infoscreen_changes';

export type ConnectListener = (
  options: Pick<ListenOptions, 'channel' | 'onNotification' | 'onLost'>,
) => Promise<Listening>;

/** For `connect` of a listener: a connection to this database. */
export function listenAt(url: string, applicationName: string): ConnectListener {
  return (options) => listen({ url, applicationName, ...options });
}

export interface ChangeListener {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Hears that something has changed, on one connection of its own. Only a wake-up: whoever relies on it must also look by
 * himself now and then, since a notification is lost with the connection.
 */
export function createChangeListener({
  connect,
  onWake,
  logger,
}: {
  readonly connect: ConnectListener;
  readonly onWake: () => void;
  readonly logger: Logger;
}): ChangeListener {
  let listening: Listening | undefined;
  const loop: Loop = createLoop({
    name: 'change_listener',
    intervalMs: CHECK_MS,
    logger,
    runOnce: async () => {
      if (listening !== undefined) {
        const checked = listening;
        try {
          await checked.ping();
          return;
        } catch {
          listening = undefined;
          await checked.close();
        }
      }
      listening = await connect({
        channel: CHANNEL,
        onNotification: onWake,
        onLost: () => {
          listening = undefined;
          loop.wake();
        },
      });
      // For what was notified while nobody listened.
      onWake();
    },
  });
  return {
    start: () => loop.start(),
    stop: async () => {
      await loop.stop();
      await listening?.close();
      listening = undefined;
    },
  };
}
