import { openMqttLine } from '../load/mqtt-line.ts';

export interface MqttFloor {
  /** There and back again, at QoS 1, in ms. */
  readonly roundTrip: () => Promise<number>;
  readonly close: () => void;
}

/** Two connections to the broker: a command that goes out, and the answer to it. */
export async function openMqttFloor(
  account: Pick<Parameters<typeof openMqttLine>[0], 'host' | 'port' | 'username' | 'password'>,
  payload: string,
): Promise<MqttFloor> {
  let back: () => void = () => {};
  const screen = await openMqttLine({
    ...account,
    clientId: 'floor-screen',
    filter: 'floor/out',
    onMessage: () => screen.publish([{ topic: 'floor/back', payload }]),
  });
  const service = await openMqttLine({
    ...account,
    clientId: 'floor-service',
    filter: 'floor/back',
    onMessage: () => back(),
  });
  return {
    roundTrip: async () => {
      const startedAt = performance.now();
      const returned = new Promise<void>((resolve) => {
        back = resolve;
      });
      service.publish([{ topic: 'floor/out', payload }]);
      await returned;
      return performance.now() - startedAt;
    },
    close: () => {
      screen.close();
      service.close();
    },
  };
}
