import { readFileSync } from 'node:fs';
import { type HttpLoadOrder, loadHttp } from './http-load.ts';

// A process of its own, so that what it costs isn't the server's.
const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as HttpLoadOrder;
console.log(JSON.stringify({ ready: true }));
console.log(JSON.stringify({ answered: await loadHttp(order) }));
