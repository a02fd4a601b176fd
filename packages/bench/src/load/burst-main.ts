import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { BurstOrder } from './burst.ts';
import { sendBurst } from './send-burst.ts';

// A process of its own, as the screens are. It begins with SIGUSR2.
const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as BurstOrder;
// A listener for a signal keeps no process running; its connections do.
const go = once(process, 'SIGUSR2');
const result = await sendBurst(order, async () => {
  console.log(JSON.stringify({ ready: true }));
  await go;
});
console.log(JSON.stringify({ sent: result }));
