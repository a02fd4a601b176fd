import { readFileSync } from 'node:fs';
import mqtt from 'mqtt';
import type { SubscriberOrder } from './subscriber-order.ts';

// The limit of every ingest: mqtt.js as its manual has it, which parses each message, acknowledges it, and keeps nothing.
const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as SubscriberOrder;
const { host, port, username, password } = order;
const client = mqtt.connect({
  protocol: 'mqtt',
  protocolVersion: 4,
  host,
  port,
  username,
  password,
  clientId: 'bare-subscriber',
  clean: true,
  reconnectPeriod: 0,
});
client.stream.on('connect', () =>
  (client.stream as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true),
);
const cpuSeconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
let received = 0;
let fields = 0;
client.on('message', (_topic, payload) => {
  const told = JSON.parse(payload.toString()) as Record<string, unknown>;
  // So that nobody may leave the parsing out.
  fields += Object.keys(told).length;
  received += 1;
  if (received === order.messages)
    console.log(JSON.stringify({ received: { at: Date.now(), received, fields, cpuSeconds: cpuSeconds() } }));
});
client.once('connect', () => {
  client.subscribe([...order.filters], { qos: 1 }, (error) => {
    if (error) throw error;
    console.log(JSON.stringify({ ready: true }));
  });
});
process.once('SIGTERM', () => client.end(true, () => process.exit(0)));
