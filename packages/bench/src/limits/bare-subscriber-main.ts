import { readFileSync } from 'node:fs';
import { subscribe } from './subscribe.ts';
import type { SubscriberOrder } from './subscriber-order.ts';

// The limit of every ingest: it parses each message, lets mqtt.js acknowledge it, and keeps nothing.
const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as SubscriberOrder;
let received = 0;
let fields = 0;
subscribe(order, 'bare-subscriber').on('message', (_topic, payload) => {
  const told = JSON.parse(payload.toString()) as Record<string, unknown>;
  // So that nobody may leave the parsing out.
  fields += Object.keys(told).length;
  received += 1;
  if (received === order.messages)
    console.log(JSON.stringify({ received: { at: Date.now(), received, fields } }));
});
