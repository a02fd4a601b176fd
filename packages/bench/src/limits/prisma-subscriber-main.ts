import { readFileSync } from 'node:fs';
import { createDatabase } from '@infoscreen/prisma';
import { subscribe } from './subscribe.ts';
import type { SubscriberOrder } from './subscriber-order.ts';

// How it is often built: one Prisma update per message, ten at a time. The eleventh waits for its acknowledgement.
const AT_ONCE = 10;

const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as SubscriberOrder;
const { prisma } = createDatabase({
  url: order.databaseUrl ?? '',
  applicationName: 'one prisma update per message',
  poolSize: AT_ONCE,
  onConnectionError: (error) => {
    throw error;
  },
});
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

subscribe(order, 'prisma-subscriber').handleMessage = ({ topic, payload }, acknowledge) => {
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
