import { randomUUID } from 'node:crypto';
import { createAccountAdmin, ensureFirstSuperadmin } from '@infoscreen/server';
import { createMetrics } from '@infoscreen/service-kit';
import { FIND_PENDING } from '../../src/broker-accounts/account-admin.ts';
import type { ControlCommand } from '../../src/broker-accounts/control-channel.ts';
import { readAccountRows } from '../../src/broker-accounts/desired-accounts.ts';
import { reconcileBrokerAccounts } from '../../src/broker-accounts/reconcile-broker-accounts.ts';
import { createClientDetails } from '../../src/clients/client-detail.ts';
import { appSettings, hasher, logger, PASSWORD, seal, type TestServer } from '../server-fixture.ts';
import { makeToken, outcomeOf } from '../token-caller.ts';

/** A broker's side of the accounts that has none of them. */
const emptyBroker = {
  connected: true,
  ask: async (commands: readonly ControlCommand[]) =>
    commands.map(({ command }) => ({ command, error: 'not found' })),
  start: () => undefined,
  stop: async () => undefined,
};

/** What the server asks the database beyond the routes as such, by name. */
export const OTHER_WORK: Readonly<Record<string, (server: TestServer) => Promise<unknown>>> = {
  'the first superadmin': ({ database: { pool } }) =>
    ensureFirstSuperadmin(
      { pool, hasher },
      { username: 'admin', password: PASSWORD, mustChangePassword: false },
    ),
  'a request with a token': async (server) => {
    const { secret } = await makeToken(server.as('admin'));
    return outcomeOf(server.api, secret, '/api/auth/me');
  },
  'a write with an Idempotency-Key, and its repetition': async (server) => {
    const write = () =>
      server.as('admin').post('/api/clients', {
        body: { uuid: '0e0f2bb4-6a94-4f53-9b3c-6d7f0a2f1a11' },
        headers: { 'idempotency-key': 'once' },
      });
    await write();
    return write();
  },
  'a write of which only the audit log hears': (server) =>
    server.as('viewer').post(`/api/clients/${randomUUID()}/restart`),
  'broker accounts that the broker lacks': async ({ database: { pool } }) => {
    await pool.query(FIND_PENDING, [true]);
    const deps = {
      db: pool,
      control: emptyBroker,
      seal,
      services: [],
      clearPresence: async () => undefined,
      logger,
    };
    return reconcileBrokerAccounts(deps, 'pending');
  },
  'whether the broker has an account': ({ database: { pool } }) =>
    createAccountAdmin({
      pool,
      control: emptyBroker,
      seal,
      services: [],
      clearPresence: async () => undefined,
      logger,
      metrics: createMetrics({ service: 'server', instance: 'server-1' }),
    }).applySoon(randomUUID()),
  'details of several clients at once': async ({ database: { pool } }) => {
    const { rows } = await pool.query<{ uuid: string }>('SELECT uuid FROM clients ORDER BY uuid LIMIT 5');
    const { graceSeconds, lifecycle: settings } = appSettings;
    return Promise.all(
      rows.map(({ uuid }) => uuid).map(createClientDetails({ pool, graceSeconds, settings })),
    );
  },
  'all broker accounts, after a connect': ({ database: { pool } }) => readAccountRows(pool, 'all', null),
};
