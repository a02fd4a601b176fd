import { randomUUID } from 'node:crypto';
import type { Role } from '@infoscreen/shared-types';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import { type Api, api } from './api-client.ts';
import { addUser, logIn, useServer } from './server-fixture.ts';

interface Rule {
  readonly role: Role | 'public';
  /** An API token is refused. */
  readonly sessionOnly?: true;
  /** Answers somebody who has to change the password first. */
  readonly beforePasswordChange?: true;
}
const viewer: Rule = { role: 'viewer' };
const admin: Rule = { role: 'admin' };
const superadmin: Rule = { role: 'superadmin' };
const everybody: Rule = { role: 'public' };
const ownCredentials: Rule = { role: 'viewer', sessionOnly: true };

/** Who may do what, written out by hand: a route that isn't listed fails. */
const RULES: Readonly<Record<string, Rule>> = {
  'post /api/auth/login': everybody,
  'post /api/auth/logout': { ...ownCredentials, beforePasswordChange: true },
  'get /api/auth/me': { ...viewer, beforePasswordChange: true },
  'post /api/auth/change-password': { ...ownCredentials, beforePasswordChange: true },
  'get /api/auth/sessions': ownCredentials,
  'delete /api/auth/sessions/{id}': ownCredentials,
  'post /api/auth/sessions/revoke_others': ownCredentials,
  'post /api/tokens': ownCredentials,
  'get /api/tokens': ownCredentials,
  'delete /api/tokens/{id}': ownCredentials,
  'get /api/clients': viewer,
  'get /api/clients/counts': viewer,
  'get /api/clients/groups': viewer,
  'get /api/clients/{uuid}': viewer,
  'get /api/clients/with_alive_status': viewer,
  'get /api/clients/crashed': viewer,
  'get /api/clients/service_failed': viewer,
  'get /api/clients/{uuid}/service_failures': viewer,
  'get /api/clients/{uuid}/health': viewer,
  'get /api/clients/{uuid}/commands': viewer,
  'get /api/clients/commands/{command_id}': viewer,
  'get /api/commands': viewer,
  'post /api/commands/bulk': admin,
  'post /api/clients': admin,
  'delete /api/clients/{uuid}': admin,
  'post /api/clients/{uuid}/rotate_credentials': admin,
  'post /api/clients/{uuid}/reset_recovery': admin,
  'post /api/clients/{uuid}/clear_service_failed': admin,
  'post /api/clients/{uuid}/restart': admin,
  'post /api/clients/{uuid}/shutdown': admin,
  'post /api/clients/{uuid}/restart_app': admin,
  'post /api/clients/commands/{command_id}/cancel': admin,
  'post /api/enroll': everybody,
  'post /api/enrolment_tokens': admin,
  'get /api/enrolment_tokens': admin,
  'delete /api/enrolment_tokens/{id}': admin,
  'get /api/events': viewer,
  'get /api/monitoring/overview': viewer,
  'get /api/monitoring/system': viewer,
  'get /api/users': superadmin,
  'post /api/users': { ...superadmin, sessionOnly: true },
  'patch /api/users/{id}': { ...superadmin, sessionOnly: true },
  'post /api/users/{id}/reset_password': { ...superadmin, sessionOnly: true },
  'get /api/audit': superadmin,
};

/** What is mounted beside the table, for everybody and to read only; the page and its files hold no data. */
const BESIDE_THE_TABLE = [
  'get /',
  'get /account',
  'get /audit',
  'get /commands',
  'get /icon.svg',
  'get /screens',
  'get /screens/:uuid',
  'get /theme.js',
  'get /users',
  'get /api/docs',
  'get /api/docs/favicon-32x32.png',
  'get /api/docs/init.js',
  'get /api/docs/swagger-ui-bundle.js',
  'get /api/docs/swagger-ui.css',
  'get /api/openapi.json',
  'get /healthz',
  'get /metrics',
  'get /readyz',
];

const ROLES = ['viewer', 'admin', 'superadmin'] as const;
const isEnough = (role: Role, { role: required }: Rule) =>
  required === 'public' || ROLES.indexOf(role) >= ROLES.indexOf(required);

type Verdict =
  | 'let in'
  | 'not_authenticated'
  | 'invalid_token'
  | 'password_change_required'
  | 'session_required'
  | 'forbidden';
interface Caller {
  readonly name: string;
  /** Whose session, or … */
  readonly session?: string;
  /** … whose token it is. */
  readonly token?: string;
  /** On a route that isn't public. */
  readonly verdict: (rule: Rule) => Verdict;
}
const byRole = (role: Role) => (rule: Rule) => (isEnough(role, rule) ? 'let in' : 'forbidden');
const CALLERS: readonly Caller[] = [
  { name: 'nobody', verdict: () => 'not_authenticated' },
  ...ROLES.map((role): Caller => ({ name: `a session, ${role}`, session: role, verdict: byRole(role) })),
  ...ROLES.map(
    (role): Caller => ({
      name: `a token, ${role}`,
      token: role,
      verdict: (rule) => (rule.sessionOnly === true ? 'session_required' : byRole(role)(rule)),
    }),
  ),
  {
    name: 'a session that must change the password',
    session: 'fresh',
    verdict: ({ beforePasswordChange }) =>
      beforePasswordChange === true ? 'let in' : 'password_change_required',
  },
  {
    name: 'a token whose owner must change the password',
    token: 'fresh',
    verdict: () => 'password_change_required',
  },
  { name: 'a session whose user was disabled', session: 'gone', verdict: () => 'not_authenticated' },
  { name: 'a token whose owner was disabled', token: 'gone', verdict: () => 'invalid_token' },
  { name: 'a token that was revoked', token: 'revoked', verdict: () => 'invalid_token' },
  { name: 'a token that has expired', token: 'expired', verdict: () => 'invalid_token' },
  { name: 'a token that is none', token: 'none', verdict: () => 'invalid_token' },
];

const server = useServer();
const sessions = new Map<string, Api>();
const tokens = new Map<string, string>([['none', 'no-token']]);

beforeAll(async () => {
  const { pool } = server.database;
  for (const name of [...ROLES, 'fresh', 'gone', 'revoked', 'expired']) {
    const role = ROLES.find((known) => known === name) ?? 'superadmin';
    await addUser(server.database, { username: `walker-${name}`, role });
    const session = await logIn(server.api, `walker-${name}`);
    sessions.set(name, session);
    tokens.set(name, (await session.post('/api/tokens', { body: { name, role } })).body.secret);
  }
  await pool.query("UPDATE users SET must_change_password = true WHERE username = 'walker-fresh'");
  await pool.query("UPDATE users SET disabled_at = now() WHERE username = 'walker-gone'");
  await pool.query("UPDATE api_tokens SET revoked_at = now(), revoked_by = 'x' WHERE name = 'revoked'");
  await pool.query("UPDATE api_tokens SET expires_at = now() WHERE name = 'expired'");
});

/** Every `method path` that the app answers, as Express has it mounted. */
function mounted(app: Express): string[] {
  interface Layer {
    readonly route?: { readonly path: string; readonly stack: readonly { readonly method?: string }[] };
    readonly handle?: { readonly stack?: readonly Layer[] };
  }
  const walk = (layers: readonly Layer[]): string[] =>
    layers.flatMap(({ route, handle }) => [
      // Without a method it is the 405 of the address.
      ...(route?.stack.flatMap(({ method }) => (method === undefined ? [] : [`${method} ${route.path}`])) ??
        []),
      ...walk(handle?.stack ?? []),
    ]);
  return walk((app as unknown as { router: { stack: readonly Layer[] } }).router.stack);
}

describe('the route table', () => {
  it('is the OpenAPI document, and each of its routes has its role and its ways to be let in', async () => {
    const { body } = await server.anonymous.get('/api/openapi.json');
    type Operation = { 'x-required-role': string; security: Record<string, unknown>[] };
    const paths = (body as { paths: Record<string, Record<string, Operation>> }).paths;
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { 'x-required-role': role, security }]) => [
        `${method} ${path}`,
        [role, ...security.flatMap((scheme) => Object.keys(scheme))],
      ]),
    );
    const schemes = ({ role, sessionOnly }: Rule) => {
      if (role === 'public') return [];
      return sessionOnly === true ? ['cookie'] : ['cookie', 'bearer'];
    };
    const wanted = Object.entries(RULES).map(([route, rule]) => [route, [rule.role, ...schemes(rule)]]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(wanted));
  });

  it('is all that is mounted, but for what is listed by hand', () => {
    const ofTable = Object.keys(RULES).map((route) => route.replaceAll(/\{(\w+)\}/g, ':$1'));
    expect(mounted(server.api.app).toSorted()).toEqual([...ofTable, ...BESIDE_THE_TABLE].toSorted());
  });

  it('lets somebody who must change the password do just that, log out, and see who it is', () => {
    const open = Object.keys(RULES).filter((route) => RULES[route]?.beforePasswordChange === true);
    expect(open).toEqual(['post /api/auth/logout', 'get /api/auth/me', 'post /api/auth/change-password']);
  });
});

describe.each(Object.entries(RULES))('%s', (route, rule) => {
  const [method = 'get', template = ''] = route.split(' ');
  // A stream that was let in would never be answered, unless its query breaks the schema.
  const query = template === '/api/events' ? '?last_event_id=none' : '';
  const path = template.replaceAll(/\{\w+\}/g, randomUUID()) + query;
  // A body that breaks every schema: whoever is let in changes nothing.
  const body = method === 'post' || method === 'patch' ? { body: [] } : {};

  const callerApi = async ({ session, token }: Caller): Promise<Api> => {
    if (token !== undefined) return server.anonymous;
    // Of a log-out nothing is left, so it gets a session of its own.
    const isLost = path === '/api/auth/logout' && session !== undefined && session !== 'gone';
    return isLost ? logIn(server.api, `walker-${session}`) : (sessions.get(session ?? '') ?? api(server.api));
  };

  it.each(CALLERS)(
    `${rule.role === 'public' ? 'is open to' : 'is open or closed to'} $name`,
    async (caller) => {
      const headers =
        caller.token === undefined ? {} : { authorization: `Bearer ${tokens.get(caller.token)}` };
      const { status, body: answer } = await (await callerApi(caller))[method as 'get'](path, {
        ...body,
        headers,
      });
      const verdict = rule.role === 'public' ? 'let in' : caller.verdict(rule);
      if (verdict === 'let in') expect([200, 201, 202, 204, 400, 404]).toContain(status);
      else
        expect([status, answer.code]).toEqual([
          verdict.startsWith('not_') || verdict.startsWith('invalid_') ? 401 : 403,
          verdict,
        ]);
    },
  );
});
