import { randomBytes } from 'node:crypto';
import { createDatabase, type Database } from '@infoscreen/prisma';
import {
  type AccountApplier,
  type AppSettings,
  appRoutes,
  createApp,
  createEvents,
  createPasswordHasher,
  createSecretSeal,
  type Events,
  listenAt,
  type PasswordHasher,
} from '@infoscreen/server';
import { createDatabaseWatch, createMetrics, type Logger } from '@infoscreen/service-kit';
import type { Role } from '@infoscreen/shared-types';
import { createTestDatabase, type TestDatabase } from '@infoscreen/test-kit';
import { afterAll, beforeAll } from '@jest/globals';
import { type Api, type ApiServer, api } from './api-client.ts';

export const PASSWORD = 'correct horse battery';
export const hasher = createPasswordHasher({ cost: 4 });
export const seal = createSecretSeal(randomBytes(32).toString('hex'));
const quiet = () => undefined;
export const logger: Logger = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => logger };

/** A broker that notes what it is given; `connected` and `answer` can be set. */
export class NotingBroker {
  connected = true;
  since: Date | null = new Date();
  answer: Promise<void> = Promise.resolve();
  readonly published: { topic: string; payload: string; qos: number }[] = [];

  async publish(topic: string, payload: string, { qos }: { qos: 0 | 1 }): Promise<void> {
    this.published.push({ topic, payload, qos });
    await this.answer;
  }
}

/** Of a database that has to be filled first. */
const START_TIMEOUT_MS = 180_000;

const applied: AccountApplier = { applySoon: async () => true };

export const appSettings: AppSettings = {
  session: { secret: 'x'.repeat(32), cookieSecure: 'auto', idleSeconds: 3600, absoluteSeconds: 7200 },
  loginLimits: { perAccount: 5, perAddress: 1000, perAccountEverywhere: 1000, windowSeconds: 900 },
  lifecycle: {
    commandTtlSeconds: 240,
    resultTimeoutSeconds: 300,
    lockoutMaxCommands: 3,
    lockoutWindowSeconds: 900,
    legacyTopics: true,
  },
  graceSeconds: 180,
  trustProxy: false,
  corsOrigins: [],
};

export interface ReplicaParts {
  readonly accounts?: AccountApplier;
  readonly hasher?: PasswordHasher;
}

export interface TestServer {
  readonly api: ApiServer;
  readonly database: Database;
  /** Runs a statement that no service may. */
  readonly asOwner: TestDatabase['asOwner'];
  /** For what `asOwner` can't do: more than one statement on a connection. */
  readonly ownerUrl: () => string;
  readonly broker: NotingBroker;
  stopping: boolean;
  /** A caller without a session. */
  readonly anonymous: Api;
  /** A caller with a session of a user of this role. */
  as(role: Role): Api;
  /** Another replica on the same database. */
  replica(settings?: Partial<AppSettings>, parts?: ReplicaParts): Replica;
}

export interface Replica extends ApiServer {
  /** Not started. */
  readonly events: Events;
}

/** A server on a database of the test file's own, with a user of each role who is logged in. */
export function useServer(
  settings: Partial<AppSettings> = {},
  makeDatabase: () => Promise<TestDatabase> = createTestDatabase,
): TestServer {
  let testDatabase: TestDatabase;
  let database: Database;
  const sessions = new Map<Role, Api>();
  const broker = new NotingBroker();
  let app: ApiServer;

  const replica: TestServer['replica'] = (other = {}, parts = {}) => {
    const metrics = createMetrics({ service: 'server', instance: 'server-1' });
    const events = createEvents({
      pool: database.pool,
      broker,
      graceSeconds: appSettings.graceSeconds,
      connectListener: listenAt(testDatabase.url, 'server-test listens'),
      logger,
      metrics,
    });
    const deps = {
      database,
      watch: createDatabaseWatch({ pool: database.pool, logger, metrics }),
      broker,
      accounts: applied,
      eventStreams: events.streams,
      hasher,
      seal,
      logger,
      instance: 'server-1',
      metrics,
      settings: { ...appSettings, ...settings, ...other },
      underWay: new Set<Promise<unknown>>(),
      isStopping: () => server.stopping,
      ...parts,
    };
    return { app: createApp(deps), routes: appRoutes(deps), events };
  };

  beforeAll(async () => {
    testDatabase = await makeDatabase();
    database = createDatabase({ url: testDatabase.url, applicationName: 'server-test', poolSize: 10 });
    app = replica();
    for (const role of ['viewer', 'admin', 'superadmin'] as const) {
      await addUser(database, { username: role, role });
      sessions.set(role, await logIn(app, role));
    }
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
  });

  const server: TestServer = {
    stopping: false,
    replica,
    broker,
    get api() {
      return app;
    },
    get database() {
      return database;
    },
    ownerUrl: () => testDatabase.ownerUrl,
    get asOwner() {
      return testDatabase.asOwner;
    },
    get anonymous() {
      return api(app);
    },
    as: (role: Role) => {
      const session = sessions.get(role);
      if (session === undefined) throw new Error(`nobody is logged in as ${role}`);
      return session;
    },
  };
  return server;
}

export async function addUser(
  { prisma }: Database,
  user: { username: string; role: Role; password?: string; mustChangePassword?: boolean },
) {
  const { password = PASSWORD, ...rest } = user;
  return prisma.user.create({ data: { ...rest, passwordHash: await hasher.hash(password) } });
}

/** @returns a caller with the session */
export async function logIn(app: ApiServer, username: string, password = PASSWORD): Promise<Api> {
  const response = await api(app).post('/api/auth/login', { body: { username, password } });
  if (response.status !== 200) throw new Error(`the log-in of ${username} answered ${response.status}`);
  const cookie = response.get('Set-Cookie')?.[0]?.split(';')[0];
  if (cookie === undefined) throw new Error('the log-in set no cookie');
  return api(app, cookie);
}
