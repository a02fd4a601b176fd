import { createServer, type Server } from 'node:net';
import { CONTROL_REQUEST_TOPIC, CONTROL_RESPONSE_TOPIC } from '@infoscreen/shared-types';
import {
  Aedes,
  type AedesOptions,
  type AuthenticateError,
  type Client,
  type PublishPacket,
  type Subscription,
} from 'aedes';
import { LOOPBACK } from '../../machine/free-port.ts';
import { AccountBook } from './account-book.ts';
import { answerControlRequest } from './control-request.ts';
import type { EmbeddedBrokerSettings } from './env.ts';

/** Messages that were refused are sent here: nobody can subscribe to it, and the sender can't tell (as in MQTT 3.1.1). */
const NOWHERE_TOPIC = '$refused';
const NOT_AUTHORISED = 5;
const MAX_CLIENT_ID_LENGTH = 256;

export interface RunningBroker {
  close(): Promise<void>;
}

/** Parts of aedes that its types leave out. */
interface SubscriptionStore {
  addSubscriptions(client: Client, subscriptions: readonly Subscription[]): Promise<unknown>;
}

/**
 * An MQTT 3.1.1 broker in this process, with the accounts, the topic rules and the account commands of a Mosquitto with
 * the dynamic-security plugin. Accounts survive a restart; retained messages and durable sessions are in memory and don't.
 * @throws when the port is taken or the accounts can't be read
 */
export async function runEmbeddedBroker(settings: EmbeddedBrokerSettings): Promise<RunningBroker> {
  const book = new AccountBook(settings.accountsPath);
  const usernames = new WeakMap<Client, string>();
  const usernameOf = (client: Client | null) => (client === null ? undefined : usernames.get(client));
  const live = new Set<Client>();

  const options: AedesOptions = {
    maxClientsIdLength: MAX_CLIENT_ID_LENGTH,
    authenticate: (client, username = '', password = Buffer.alloc(0), done) => {
      if (!book.mayConnect(username, password, client.id))
        return done(refusal('not authorised', NOT_AUTHORISED), null);
      usernames.set(client, username);
      live.add(client);
      done(null, true);
    },
    authorizePublish: (client, packet, callback) => {
      if (!book.mayPublish(usernameOf(client), packet.topic)) divert(packet);
      else if (packet.topic === CONTROL_REQUEST_TOPIC) control(packet);
      callback(null);
    },
    authorizeSubscribe: (client, subscription, callback) =>
      callback(null, book.maySubscribe(usernameOf(client), subscription.topic) ? subscription : null),
    authorizeForward: (client, packet) => (book.mayReceive(usernameOf(client), packet.topic) ? packet : null),
  };

  const broker = await Aedes.createBroker(options);
  broker.on('clientDisconnect', (client) => live.delete(client));
  broker.on('clientError', (client) => live.delete(client));
  keepRefusedFiltersOut(broker, (client, filter) => book.maySubscribe(usernameOf(client), filter));

  function control(packet: PublishPacket): void {
    const { responses, cut } = answerControlRequest(book, Buffer.from(packet.payload));
    divert(packet);
    broker.publish(
      {
        cmd: 'publish',
        topic: CONTROL_RESPONSE_TOPIC,
        payload: JSON.stringify({ responses }),
        qos: 0,
        retain: false,
        dup: false,
      },
      () => {},
    );
    for (const client of live) if (cut.has(usernames.get(client) ?? '')) client.close();
  }

  const server = createServer({ noDelay: true }, (socket) => broker.handle(socket));
  await listen(server, settings.port);
  return {
    close: async () => {
      server.close();
      await new Promise<void>((resolve) => broker.close(resolve));
    },
  };
}

function refusal(message: string, returnCode: number): AuthenticateError {
  return Object.assign(new Error(message), { returnCode });
}

function divert(packet: PublishPacket): void {
  packet.topic = NOWHERE_TOPIC;
  packet.payload = '';
  packet.retain = false;
}

/** aedes stores every filter of a SUBSCRIBE with a durable session, refused ones too, and would queue messages for them. */
function keepRefusedFiltersOut(
  broker: Aedes,
  maySubscribe: (client: Client, filter: string) => boolean,
): void {
  const store = (broker as unknown as { readonly persistence: SubscriptionStore }).persistence;
  const addSubscriptions = store.addSubscriptions.bind(store);
  store.addSubscriptions = (client, subscriptions) =>
    addSubscriptions(
      client,
      subscriptions.filter(({ topic }) => maySubscribe(client, topic)),
    );
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => resolve());
  });
}
