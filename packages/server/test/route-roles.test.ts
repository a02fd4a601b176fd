import { randomUUID } from 'node:crypto';
import type { Role } from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import type { Api } from './api-client.ts';
import { useServer } from './server-fixture.ts';

/** Who may do what, written out by hand: a route that isn't listed fails. */
const ROLE_OF_ROUTE: Readonly<Record<string, Role | 'public'>> = {
  'post /api/auth/login': 'public',
  'post /api/auth/logout': 'viewer',
  'get /api/auth/me': 'viewer',
  'post /api/auth/change-password': 'viewer',
  'get /api/clients': 'viewer',
  'get /api/clients/counts': 'viewer',
  'get /api/clients/groups': 'viewer',
  'get /api/clients/{uuid}': 'viewer',
  'get /api/clients/with_alive_status': 'viewer',
  'get /api/clients/crashed': 'viewer',
  'get /api/clients/service_failed': 'viewer',
  'get /api/clients/{uuid}/service_failures': 'viewer',
  'get /api/clients/{uuid}/health': 'viewer',
  'get /api/clients/{uuid}/commands': 'viewer',
  'get /api/clients/commands/{command_id}': 'viewer',
  'get /api/commands': 'viewer',
  'post /api/commands/bulk': 'admin',
  'post /api/clients': 'admin',
  'delete /api/clients/{uuid}': 'admin',
  'post /api/clients/{uuid}/rotate_credentials': 'admin',
  'post /api/clients/{uuid}/reset_recovery': 'admin',
  'post /api/clients/{uuid}/clear_service_failed': 'admin',
  'post /api/clients/{uuid}/restart': 'admin',
  'post /api/clients/{uuid}/shutdown': 'admin',
  'post /api/clients/{uuid}/restart_app': 'admin',
  'post /api/clients/commands/{command_id}/cancel': 'admin',
  'post /api/enroll': 'public',
  'post /api/enrolment_tokens': 'admin',
  'get /api/enrolment_tokens': 'admin',
  'delete /api/enrolment_tokens/{id}': 'admin',
  'get /api/events': 'viewer',
  'get /api/monitoring/overview': 'viewer',
  'get /api/monitoring/system': 'viewer',
  'get /api/users': 'superadmin',
  'post /api/users': 'superadmin',
  'patch /api/users/{id}': 'superadmin',
  'post /api/users/{id}/reset_password': 'superadmin',
  'get /api/audit': 'superadmin',
};

const server = useServer();
const ROLES = ['viewer', 'admin', 'superadmin'] as const;

describe('the route table', () => {
  it('is the OpenAPI document, and each of its routes has its role', async () => {
    const { body } = await server.anonymous.get('/api/openapi.json');
    const paths = (body as { paths: Record<string, Record<string, { 'x-required-role': string }>> }).paths;
    const roles = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => [
        `${method} ${path}`,
        operation['x-required-role'],
      ]),
    );
    expect(Object.fromEntries(roles)).toEqual(ROLE_OF_ROUTE);
  });
});

describe.each(Object.entries(ROLE_OF_ROUTE))('%s', (route, required) => {
  const [method = 'get', template = ''] = route.split(' ');
  // A stream that was let in would never be answered, unless its query breaks the schema.
  const query = template === '/api/events' ? '?last_event_id=none' : '';
  const path = template.replaceAll(/\{\w+\}/g, randomUUID()) + query;
  // A body that breaks every schema: whoever is let in changes nothing.
  const call = (caller: Api) =>
    caller[method as 'get'](path, method === 'post' || method === 'patch' ? { body: [] } : {});

  it.each(ROLES)(
    `${required === 'public' ? 'is open' : 'is open or closed by role'} for %s`,
    async (role) => {
      if (path === '/api/auth/logout') return;
      const isAllowed = required === 'public' || ROLES.indexOf(role) >= ROLES.indexOf(required);
      const { status } = await call(server.as(role));
      if (isAllowed) expect([200, 201, 204, 202, 400, 404]).toContain(status);
      else expect(status).toBe(403);
    },
  );

  it('asks for a session, unless it is public', async () => {
    const { status, body } = await call(server.anonymous);
    if (required === 'public') expect(status).toBe(400);
    else expect([status, body.code]).toEqual([401, 'not_authenticated']);
  });
});
