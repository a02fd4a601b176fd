import { readFileSync } from 'node:fs';
import { createDatabase } from '@infoscreen/prisma';
import mqtt from 'mqtt';
import type { SubscriberOrder } from './subscriber-order.ts';

// How it is often built: one Prisma update per message, ten at a time, acknowledged when it is stored.
const AT_ONCE = 10;

const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as SubscriberOrder;
const { host, port, username, password, databaseUrl = '' } = order;
const { prisma } = createDatabase({
  url: databaseUrl,
  applicationName: 'one prisma update per message',
  poolSize: AT_ONCE,
  onConnectionError: (error) => {
    throw error;
  },
});
const client = mqtt.connect({
  protocol: 'mqtt',
  protocolVersion: 4,
  host,
  port,
  username,
  password,
  clientId: 'prisma-subscriber',
  clean: true,
  reconnectPeriod: 0,
});
client.stream.on('connect', () =>
  (client.stream as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true),
);
let running = 0;
let stored = 0;
let goOn: (() => void) | undefined;

async function store(topic: string, payload: Buffer): Promise<void> {
  const told = JSON.parse(payload.toString()) as { process_status?: string; uptime_s?: number };
  await prisma.clientState.update({
    where: { clientUuid: topic.split('/')[1] ?? '' },
    data: {
      lastAlive: new Date(),
      lastMessageAt: new Date(),
      ...(told.process_status === undefined ? {} : { processStatus: told.process_status as never }),
      ...(told.uptime_s === undefined ? {} : { uptimeSeconds: told.uptime_s }),
    },
  });
}

client.handleMessage = ({ topic, payload }, acknowledge) => {
  running += 1;
  void store(topic, payload as Buffer).finally(() => {
    running -= 1;
    stored += 1;
    const resume = goOn;
    goOn = undefined;
    resume?.();
    if (stored === order.messages)
      console.log(JSON.stringify({ received: { at: Date.now(), received: stored } }));
  });
  if (running < AT_ONCE) acknowledge();
  else goOn = acknowledge;
};
client.once('connect', () => {
  client.subscribe([...order.filters], { qos: 1 }, (error) => {
    if (error) throw error;
    console.log(JSON.stringify({ ready: true }));
  });
});
process.once('SIGTERM', () => client.end(true, () => process.exit(0)));
