import { readFileSync } from 'node:fs';
import { type FloodOrder, floodBroker } from './flood-broker.ts';

// A process of its own, so that what it costs isn't taken for a delay of the others.
const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as FloodOrder;
console.log(JSON.stringify({ flooded: await floodBroker(order) }));
