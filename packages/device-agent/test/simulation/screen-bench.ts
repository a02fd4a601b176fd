import { randomUUID } from 'node:crypto';
import type { CommandMessage } from '@infoscreen/shared-types';
import { createSimulatedScreen, type SimulatedScreen } from '../../src/simulation/simulated-screen.ts';
import type { SimulatedScreenOptions } from '../../src/simulation/simulated-screen-options.ts';
import { type OpenBroker, startOpenBroker } from './open-broker.ts';

/** One broker and one screen, with short times. `stop` ends both. */
export async function startScreenBench(options: Partial<SimulatedScreenOptions> = {}) {
  const broker = await startOpenBroker();
  const screen = createSimulatedScreen({
    uuid: randomUUID(),
    password: 'secret',
    mqttHost: '127.0.0.1',
    mqttPort: broker.port,
    heartbeatIntervalSeconds: 0.1,
    healthIntervalSeconds: 0.1,
    rebootSeconds: 0.2,
    restartAppSeconds: 0.1,
    reconnectBackoff: { baseMs: 20, maxMs: 100 },
    ...options,
  });
  await screen.start();
  await screen.whenOnline();
  return {
    broker,
    screen,
    ...commandDesk(broker, screen),
    stop: async () => {
      await screen.stop();
      await broker.stop();
    },
  };
}

export type ScreenBench = Awaited<ReturnType<typeof startScreenBench>>;

function commandDesk(broker: OpenBroker, screen: SimulatedScreen) {
  const build = (overrides: Partial<CommandMessage> = {}): CommandMessage => ({
    schema_version: '1.0',
    command_id: randomUUID(),
    client_uuid: screen.uuid,
    action: 'restart_app',
    issued_at: new Date().toISOString(),
    expires_at: new Date(Date.now() + 60_000).toISOString(),
    requested_by: 'anna',
    reason: null,
    boot_id: screen.bootId,
    ...overrides,
  });
  const acks = (commandId: string) =>
    broker.heard.filter(({ topic, body }) => topic.endsWith('/ack') && body?.command_id === commandId);
  return {
    build,
    acks,
    statuses: (commandId: string): string[] => acks(commandId).map(({ body }) => body.status),
    /** Sends it on `topic` (the current one) and gives back its id. */
    send: async (message: CommandMessage, suffix: 'commands' | 'command' = 'commands') => {
      await broker.send(`infoscreen/${screen.uuid}/${suffix}`, message);
      return message.command_id;
    },
    /** Waits for an ACK with this status and gives it back. */
    untilAck: (commandId: string, status: string) =>
      broker.until(`${status} of ${commandId}`, () =>
        acks(commandId).find(({ body }) => body.status === status),
      ),
  };
}
