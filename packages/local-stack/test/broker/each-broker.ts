import { randomUUID } from 'node:crypto';
import { deviceTopic } from '@infoscreen/shared-types';
import {
  type AccountControl,
  type Credentials,
  connectAccountControl,
  connectMqtt,
  type MqttConnection,
  type MqttConnectionOptions,
  mosquittoAvailable,
  startTestBroker,
  type TestBroker,
} from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';

/** SUBACK's answer to a filter that isn't granted. */
export const REFUSED = 128;
/** CONNACK's answer to whoever may not come in. */
export const NOT_AUTHORISED = 5;

/** A broker with one screen's account, the service that watches everything, and the admin. */
export interface Scene {
  readonly broker: TestBroker;
  readonly control: AccountControl;
  readonly watcher: MqttConnection;
  readonly uuid: string;
  readonly credentials: Credentials;
  readonly connectDevice: (options?: Partial<MqttConnectionOptions>) => Promise<MqttConnection>;
  /** Proves that nothing with `marker` in it reached the watcher, of all that `device` published before. */
  readonly nothingArrived: (device: MqttConnection, marker: string) => Promise<void>;
}

/** Runs the same suite against both kinds of broker; the screen's and another's UUID are known beforehand. */
export function describeEachBroker(
  subject: string,
  suite: (scene: () => Scene, uuids: { uuid: string; otherUuid: string }) => void,
): void {
  const kinds = [
    { kind: 'mosquitto', isAvailable: mosquittoAvailable() },
    { kind: 'embedded', isAvailable: true },
  ] as const;
  for (const { kind, isAvailable } of kinds) {
    const describeKind = isAvailable ? describe : describe.skip;
    describeKind(`${subject}, ${kind} broker${isAvailable ? '' : ' (no Mosquitto to be had)'}`, () => {
      const uuids = { uuid: randomUUID(), otherUuid: randomUUID() };
      let scene: Scene | undefined;
      beforeAll(async () => {
        scene = await makeScene(kind, uuids.uuid);
      });
      afterAll(async () => {
        await scene?.watcher.end();
        await scene?.control.end();
        await scene?.broker.stop();
      });
      suite(() => scene as Scene, uuids);
    });
  }
}

async function makeScene(kind: 'mosquitto' | 'embedded', uuid: string): Promise<Scene> {
  const broker = await startTestBroker({ kind });
  const credentials = await broker.addDeviceAccount(uuid);
  const control = await connectAccountControl({ port: broker.port, ...broker.admin });
  const watcher = await broker.connectService({ clientId: 'watcher' });
  await watcher.subscribe('infoscreen/#');
  return {
    broker,
    control,
    watcher,
    uuid,
    credentials,
    connectDevice: (options = {}) =>
      connectMqtt({ port: broker.port, clientId: uuid, ...credentials, ...options }),
    nothingArrived: async (device, marker) => {
      const last = randomUUID();
      await device.publish(deviceTopic(uuid, 'heartbeat'), last);
      await watcher.waitFor(({ text }) => text === last);
      expect(watcher.messages.filter(({ text }) => text.includes(marker))).toEqual([]);
    },
  };
}
