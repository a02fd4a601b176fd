import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { deviceTopic } from '@infoscreen/shared-types';
import { publishPacket } from '@infoscreen/test-kit';
import { burstPayload } from '../load/burst-payload.ts';
import { connectSocket } from '../load/connect-socket.ts';
import type { ConnectAccount, ConnectOrder, ConnectResult } from './connect-order.ts';

// Some thousand screens in one process. They begin with SIGUSR2, all at once, and stay connected until SIGTERM.
const KINDS = ['discovery', 'heartbeat', 'health'] as const;
const RETRY_MS = 500;

const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ConnectOrder;
let retries = 0;

/** Until the broker accepts it: it may have more at its door than the system lets wait. */
async function open(account: ConnectAccount): Promise<void> {
  for (;;) {
    try {
      const socket = await connectSocket({ ...order, ...account }, account.clientId);
      socket.on('data', () => {});
      socket.on('error', () => {});
      if (order.comeback !== undefined) socket.write(news(account.username, order.comeback));
      return;
    } catch {
      retries += 1;
      await pause(RETRY_MS * Math.random());
    }
  }
}

function news(clientUuid: string, comeback: number): Buffer {
  return Buffer.concat(
    KINDS.map((kind, index) =>
      publishPacket(
        deviceTopic(clientUuid, kind),
        burstPayload(kind, clientUuid, comeback, comeback),
        1,
        index + 1,
      ),
    ),
  );
}

process.once('SIGTERM', () => process.exit(0));
setInterval(() => {}, 60_000);
const go = once(process, 'SIGUSR2');
console.log(JSON.stringify({ ready: true }));
await go;
const startedAt = Date.now();
await Promise.all(order.accounts.map(open));
console.log(
  JSON.stringify({ connected: { startedAt, acceptedAt: Date.now(), retries } satisfies ConnectResult }),
);
