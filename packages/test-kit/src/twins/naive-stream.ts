import { brokerAddressOf, type Logger } from '@infoscreen/service-kit';
import {
  DISCOVERY_ALIAS_TOPIC,
  fleetFilter,
  serviceAccess,
  TOPIC_ROOT,
  type TopicAccess,
} from '@infoscreen/shared-types';
import mqtt, { type MqttClient } from 'mqtt';
import type { NaiveListenerSettings } from './env.ts';

type Store = (message: { readonly topic: string; readonly payload: Uint8Array }) => Promise<void>;

const GROUP = '$share/listeners';
const KINDS = [
  'discovery',
  'heartbeat',
  'health',
  'service_failed',
  'presence',
  'command_ack',
  'command_ack_legacy',
] as const;
const FILTERS = [...KINDS.map(fleetFilter), DISCOVERY_ALIAS_TOPIC];
const RETRY_MS = 100;

/** What the twin that shares needs at the broker: the services' account is refused `$share`. */
export function naiveListenerAccess(): TopicAccess {
  const access = serviceAccess();
  return { ...access, subscribe: [...access.subscribe, `${GROUP}/${TOPIC_ROOT}/#`] };
}

/** mqtt.js as its manual has it: the PUBACK leaves when the handler returns, and the handler only begins to store. */
export function acknowledgingBeforeCommit(
  settings: NaiveListenerSettings,
  store: Store,
  logger: Logger,
): MqttClient {
  const client = connect(settings, { clientId: 'infoscreen-naive-listener', clean: false });
  client.on('message', (topic, payload) => {
    store({ topic, payload }).catch((error: unknown) => logger.warn('a message was not stored', { error }));
  });
  client.on('connect', () => client.subscribe(FILTERS, { qos: 1 }));
  return client;
}

/** Acknowledges after the commit, but leaves it to the broker which replica gets what. */
export function sharingAGroup(settings: NaiveListenerSettings, store: Store, logger: Logger): MqttClient {
  const client = connect(settings, { clientId: `infoscreen-naive-${settings.INSTANCE_ID}`, clean: true });
  client.handleMessage = ({ topic, payload }, acknowledge) => {
    const tryToStore = (): Promise<void> =>
      store({ topic, payload: Buffer.from(payload) }).then(
        () => acknowledge(),
        (error: unknown) => {
          logger.warn('a message waits for the database', { error });
          setTimeout(() => void tryToStore(), RETRY_MS);
        },
      );
    void tryToStore();
  };
  const filters = FILTERS.map((filter) => `${GROUP}/${filter}`);
  client.on('connect', () => {
    client.subscribe(filters, { qos: 1 }, (error) => {
      if (error !== null) logger.error('the group was refused', { error });
    });
  });
  return client;
}

function connect(
  settings: NaiveListenerSettings,
  session: { readonly clientId: string; readonly clean: boolean },
): MqttClient {
  const client = mqtt.connect({
    ...session,
    protocol: 'mqtt',
    protocolVersion: 4,
    host: settings.MQTT_HOST,
    port: brokerAddressOf(settings).port,
    username: settings.MQTT_USER,
    password: settings.MQTT_PASSWORD,
    reconnectPeriod: 200,
    resubscribe: false,
  });
  client.on('error', () => {});
  return client;
}
