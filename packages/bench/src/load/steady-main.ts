import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { sendSteadily } from './send-steadily.ts';
import type { SteadyOrder } from './steady-load.ts';

// A process of its own, as the screens are. It begins with SIGUSR2.
const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as SteadyOrder;
const go = once(process, 'SIGUSR2');
const result = await sendSteadily(order, async () => {
  console.log(JSON.stringify({ ready: true }));
  await go;
});
console.log(JSON.stringify({ sent: result }));
