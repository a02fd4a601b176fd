import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { openPage } from './open-page.ts';
import type { PagesOrder, Sighting } from './pages-order.ts';

// A process of its own, as browsers are. It ends with SIGUSR2.
const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as PagesOrder;
const sightings: Sighting[] = [];
const over = once(process, 'SIGUSR2');
for (let page = 0; page < order.pages; page += 1)
  await openPage(order, page, (sighting) => sightings.push(sighting));
console.log(JSON.stringify({ ready: true }));
await over;
console.log(JSON.stringify({ sightings }));
process.exit(0);
