import { deviceAccess, deviceTopic, TOPIC_ROOT, topicMatches } from '@infoscreen/shared-types';
import { connectMqtt, type MqttConnection, type TestBroker } from '@infoscreen/test-kit';
import type { FuzzMessage } from './fuzz-messages.ts';

const SCREEN_ACCOUNTS = 10;
const WIDE_CONNECTIONS = 4;
const ACKNOWLEDGED_WITHIN_MS = 120_000;

/** Connections that messages go out on, and what the broker made of them. */
export interface MessageSenders {
  /**
   * At QoS 1: over the screen's own account where it has one here and may, else over one that may publish anything to the fleet.
   * @throws when the broker doesn't acknowledge it
   */
  send(message: FuzzMessage): Promise<void>;
  /** A screen speaks as the screen `as`, with what would be refused if it arrived. */
  trespass(as: string): Promise<void>;
  acknowledged(): number;
  end(): Promise<void>;
}

export async function connectSenders(
  broker: TestBroker,
  screens: readonly string[],
): Promise<MessageSenders> {
  const own = new Map<string, MqttConnection>();
  for (const uuid of screens.slice(0, SCREEN_ACCOUNTS)) {
    const account = await broker.addDeviceAccount(uuid);
    own.set(uuid, await connectMqtt({ port: broker.port, clientId: uuid, ...account }));
  }
  const intruder = screens[SCREEN_ACCOUNTS] ?? '';
  const intruderAccount = await broker.addDeviceAccount(intruder);
  const wideAccount = await broker.addAccount({
    username: 'fuzz',
    access: { publish: [`${TOPIC_ROOT}/#`], subscribe: [], receive: [] },
  });
  const wide = await Promise.all(
    Array.from({ length: WIDE_CONNECTIONS }, (_, index) =>
      connectMqtt({ port: broker.port, clientId: `fuzz-${index}`, ...wideAccount }),
    ),
  );
  let acknowledged = 0;
  let turn = 0;
  return {
    send: async ({ topic, payload, retain }) => {
      const screen = own.get(topic.split('/')[1] ?? '');
      turn += 1;
      const mayScreen = screen !== undefined && maySend(topic);
      const connection = mayScreen ? screen : wide[turn % wide.length];
      try {
        await within(connection?.publish(topic, payload, { retain }), topic);
      } catch (cause) {
        const state = connection?.isConnected() === true ? 'is open' : 'was ended';
        throw new Error(
          `a message was not taken; its connection ${state}: ${broker.log.slice(-5).join(' | ')}`,
          { cause },
        );
      }
      acknowledged += 1;
    },
    trespass: async (as) => {
      const connection = await connectMqtt({ port: broker.port, clientId: intruder, ...intruderAccount });
      // A broker may acknowledge what it drops, or end the connection: both are a refusal.
      await within(connection.publish(deviceTopic(as, 'health'), 'not json'), as).catch(() => {});
      await connection.end();
    },
    acknowledged: () => acknowledged,
    end: async () => {
      await Promise.all([...own.values(), ...wide].map((connection) => connection.end()));
    },
  };
}

function maySend(topic: string): boolean {
  const uuid = topic.split('/')[1] ?? '';
  return deviceAccess(uuid).publish.some((filter) => topicMatches(filter, topic));
}

async function within(publishing: Promise<void> | undefined, topic: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no acknowledgement of a message on ${JSON.stringify(topic)}`)),
      ACKNOWLEDGED_WITHIN_MS,
    );
  });
  try {
    await Promise.race([publishing, late]);
  } finally {
    clearTimeout(timer);
  }
}
