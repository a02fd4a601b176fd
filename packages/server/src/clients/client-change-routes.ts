import {
  clientAnswerSchema,
  clientCredentialsSchema,
  clientPathSchema,
  createClientBodySchema,
  rotateCredentialsBodySchema,
} from '@infoscreen/shared-types';
import type { AccountApplier } from '../broker-accounts/account-admin.ts';
import { defineRoute, type Route } from '../http/define-route.ts';
import { ProblemError } from '../http/problem-error.ts';
import {
  type ClientChangeDeps,
  type ClientCredentials,
  createClient,
  deleteClient,
  resetRecovery,
  rotateCredentials,
} from './change-clients.ts';
import { readClient } from './read-clients.ts';

export interface ClientChangeRouteDeps extends ClientChangeDeps {
  readonly accounts: AccountApplier;
}

const tag = 'clients';

/** Writes of clients. The database comes first; the broker follows at once where it can, else by itself. */
export function clientChangeRoutes(deps: ClientChangeRouteDeps): Route[] {
  return [createRoute(deps), rotateRoute(deps), deleteRoute(deps), resetRecoveryRoute(deps)];
}

async function credentialsBody(
  { accounts }: ClientChangeRouteDeps,
  { client, password }: ClientCredentials,
  needsBroker = password !== undefined,
) {
  const applied = !needsBroker || (await accounts.applySoon(client.uuid));
  return {
    client,
    mqtt: { username: client.uuid, ...(password === undefined ? {} : { password }), applied },
  };
}

function createRoute(deps: ClientChangeRouteDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/api/clients',
    operationId: 'createClient',
    summary: "Make a client and its screen's broker account, whose password is shown this once",
    tag,
    role: 'admin',
    request: { body: createClientBodySchema },
    responses: { 201: clientCredentialsSchema },
    problems: ['client_exists', 'client_deleted'],
    answerIsSecret: true,
    handler: async ({ body }) => {
      const result = await createClient(deps, body);
      if (result.outcome !== 'created') {
        throw new ProblemError(result.outcome, body.uuid === undefined ? {} : { auditTarget: body.uuid });
      }
      return {
        status: 201,
        body: await credentialsBody(deps, result),
        audit: { target: result.client.uuid },
      };
    },
  });
}

function rotateRoute(deps: ClientChangeRouteDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/api/clients/{uuid}/rotate_credentials',
    operationId: 'rotateCredentials',
    summary:
      'Give the screen a new broker password, shown this once; the old one stops to work. Or none: it has a certificate',
    tag,
    role: 'admin',
    request: { params: clientPathSchema, body: rotateCredentialsBodySchema },
    responses: { 201: clientCredentialsSchema },
    problems: ['client_not_found'],
    answerIsSecret: true,
    handler: async ({ params, body }) => {
      const result = await rotateCredentials(deps, { uuid: params.uuid, auth: body.mqtt_auth });
      if (result === null) throw new ProblemError('client_not_found');
      // The withdrawal of an account is the broker's to know as well.
      return { status: 201, body: await credentialsBody(deps, result, true) };
    },
  });
}

function deleteRoute(deps: ClientChangeRouteDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/api/clients/{uuid}',
    operationId: 'deleteClient',
    summary: 'Delete a client: its account is revoked, its open commands end, its history is kept',
    tag,
    role: 'admin',
    request: { params: clientPathSchema },
    responses: { 204: null },
    problems: ['client_not_found'],
    handler: async ({ params: { uuid }, context }) => {
      const result = await deleteClient(deps, { uuid, deletedBy: context.user.username });
      if (result === null) throw new ProblemError('client_not_found');
      await deps.accounts.applySoon(uuid);
      return { status: 204, body: undefined, audit: { detail: { ...result } } };
    },
  });
}

function resetRecoveryRoute(deps: ClientChangeRouteDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/api/clients/{uuid}/reset_recovery',
    operationId: 'resetRecovery',
    summary: 'Begin crash recovery anew for a client on which it gave up',
    tag,
    role: 'admin',
    request: { params: clientPathSchema },
    responses: { 200: clientAnswerSchema },
    problems: ['client_not_found'],
    handler: async ({ params: { uuid } }) => {
      const client = (await resetRecovery(deps, uuid)) ? await readClient(deps, uuid) : null;
      if (client === null) throw new ProblemError('client_not_found');
      return { status: 200, body: { client } };
    },
  });
}
