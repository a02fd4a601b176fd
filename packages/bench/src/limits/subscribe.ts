import mqtt, { type MqttClient } from 'mqtt';
import type { SubscriberOrder } from './subscriber-order.ts';

/**
 * A client as the manual of mqtt.js has it, which says when it hears the filters, and ends with SIGTERM.
 * @throws in the process where the broker refuses a filter
 */
export function subscribe({ filters, ...login }: SubscriberOrder, clientId: string): MqttClient {
  const client = mqtt.connect({
    protocol: 'mqtt',
    protocolVersion: 4,
    host: login.host,
    port: login.port,
    username: login.username,
    password: login.password,
    clientId,
    clean: true,
    reconnectPeriod: 0,
  });
  client.stream.on('connect', () =>
    (client.stream as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true),
  );
  client.once('connect', () => {
    client.subscribe([...filters], { qos: 1 }, (error) => {
      if (error) throw error;
      console.log(JSON.stringify({ ready: true }));
    });
  });
  process.once('SIGTERM', () => client.end(true, () => process.exit(0)));
  return client;
}
