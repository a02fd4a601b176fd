import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { MAX_PAYLOAD_BYTES, parseInboundMessage } from '@infoscreen/shared-types';
import { Aedes } from 'aedes';

/** A message that a screen sent, as the broker saw it. */
export interface Heard {
  readonly topic: string;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into payloads of every kind
  readonly body: any;
  readonly retain: boolean;
  readonly qos: number;
}

const DEADLINE_MS = 20_000;

/** A broker in this process, without accounts: these tests are about what the agent says, not about who may. */
export async function startOpenBroker() {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const heard: Heard[] = [];
  broker.on('publish', ({ topic, payload, retain, qos }, client) => {
    if (topic.startsWith('$SYS') || topic.startsWith('$share') || !isFromScreen(topic, client)) return;
    const text = payload.toString();
    heard.push({ topic, text, body: parse(text), retain, qos });
  });
  const until = async <T>(what: string, read: () => T | undefined | false): Promise<T> => {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const value = read();
      if (value !== undefined && value !== false) return value;
      if (Date.now() > deadline)
        throw new Error(
          `not seen in time: ${what}\n${heard
            .slice(-12)
            .map(({ topic, text }) => `${topic} ${text}`)
            .join('\n')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    until,
    /** What was said on topics that end with `suffix`, oldest first. */
    on: (suffix: string) => heard.filter(({ topic }) => topic.endsWith(`/${suffix}`)),
    /** Every message so far that breaks its schema. */
    rejected: () =>
      heard.filter(
        ({ topic, text }) =>
          text.length <= MAX_PAYLOAD_BYTES && parseInboundMessage(topic, Buffer.from(text)).ok === false,
      ),
    send: (topic: string, payload: unknown) =>
      new Promise<void>((resolve, reject) => {
        const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
        broker.publish(
          { cmd: 'publish', topic, payload: Buffer.from(text), qos: 1, retain: false, dup: false },
          (error) => (error ? reject(error) : resolve()),
        );
      }),
    connectedIds: () => Object.keys((broker as unknown as { clients: Record<string, unknown> }).clients),
    stop: async () => {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export type OpenBroker = Awaited<ReturnType<typeof startOpenBroker>>;

/** A last will has no client any more, but comes on a topic that no test sends to. */
function isFromScreen(topic: string, client: unknown): boolean {
  return client !== null || topic.endsWith('/presence');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
