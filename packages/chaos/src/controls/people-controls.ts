import type { Control, ControlTest } from './control.ts';

const inServer = (file: string, name: string): ControlTest => ({
  file: `packages/server/test/${file}.test.ts`,
  name,
});
const LIMITS = 'packages/server/src/auth/login-limits.ts';
const AUTHORISE = 'packages/server/src/http/authorise.ts';
const SESSIONS = 'packages/server/src/http/sessions.ts';
const TOKEN_USER = 'packages/server/src/api-tokens/token-user.ts';

/** Who somebody is, and what they may do. */
export const PEOPLE_CONTROLS: readonly Control[] = [
  {
    id: 'login-same-time',
    file: 'packages/server/src/auth/password-hash.ts',
    find: 'const compared = hash ?? (await dummyHash);',
    replace: 'if (hash === null) return false;\n      const compared = hash;',
    test: inServer(
      'login-throttle',
      'doesn’t tell an unknown user, a disabled one, a wrong password and one that is too long apart',
    ),
  },
  {
    id: 'password-not-cut',
    file: 'packages/server/src/auth/password-hash.ts',
    find: " && Buffer.byteLength(password, 'utf8') <= MAX_PASSWORD_BYTES",
    replace: '',
    test: inServer(
      'auth',
      'answers the same for an unknown user, a wrong password, a disabled user and a password over 72 bytes',
    ),
  },
  {
    id: 'password-not-common',
    file: 'packages/server/src/auth/password-policy.ts',
    find: 'if (guessesLog10 >= MIN_GUESSES_LOG10) return null;',
    replace: 'if (guessesLog10 >= 0) return null;',
    test: inServer('password-policy', 'is refused when it is changed to, and the old one stays'),
  },
  {
    id: 'login-limit-account',
    file: LIMITS,
    find: '      await countAttempt(byAccount, accountThere);\n',
    replace: '',
    test: inServer('auth', 'are stopped for one user name from one address, and say how long'),
  },
  {
    id: 'login-limit-address',
    file: LIMITS,
    find: '      await countAttempt(byAddress, address);\n',
    replace: '',
    test: inServer('brute-force', 'are looked at fifty times from one address, whatever the account'),
  },
  {
    id: 'login-limit-everywhere',
    file: LIMITS,
    find: '      if (!isKnown) await countAttempt(everywhere, account);\n',
    replace: '',
    test: inServer('login-throttle', 'are stopped together, on all replicas, and say how long'),
  },
  {
    id: 'login-no-lock-out',
    file: LIMITS,
    find: 'if (!isKnown) await countAttempt(everywhere, account);',
    replace: 'await countAttempt(everywhere, account);',
    test: inServer(
      'login-throttle',
      'lock nobody out from where they have logged in, and those log-ins don’t count',
    ),
  },
  {
    id: 'session-new-id',
    file: SESSIONS,
    find: '      await settled((done) => req.session.regenerate(done));\n',
    replace: '',
    test: inServer('auth', 'begins a session under a new id'),
  },
  {
    id: 'session-cookie',
    file: SESSIONS,
    find: "httpOnly: true, sameSite: 'lax', secure: cookieSecure",
    replace: 'httpOnly: false, secure: false',
    test: inServer('security-headers', 'goes over HTTPS alone where a trusted proxy says that it came so'),
  },
  {
    id: 'session-absolute-end',
    file: 'packages/server/src/auth/session-user.ts',
    find: ' / 1000) + make_interval(secs',
    replace: " / 1000) + interval '100 years' + make_interval(secs",
    test: inServer('sessions', 'ends after its whole length, however much it is used'),
  },
  {
    id: 'session-epoch',
    file: 'packages/server/src/auth/session-user.ts',
    find: 'AND u.session_epoch = ',
    replace: 'AND u.session_epoch >= ',
    test: inServer(
      'sessions',
      'are refused by the epoch too: a log-in that was under way when it rose opens nothing',
    ),
  },
  {
    id: 'session-stays-ended',
    file: 'packages/server/src/http/session-store.ts',
    find: 'const sql = isNew\n',
    replace: 'const sql = isNew || true\n',
    test: inServer('sessions', 'is made anew by neither a touch nor a save'),
  },
  {
    id: 'session-of-oneself',
    file: 'packages/server/src/auth/own-sessions.ts',
    find: `DELETE FROM user_sessions WHERE id = $1 AND \${OWNER} = $2`,
    replace: 'DELETE FROM user_sessions WHERE id = $1 AND $2::text IS NOT NULL',
    test: inServer('sessions', 'are nobody else’s: a session of another user is as unknown as none'),
  },
  {
    id: 'sessions-end-with-the-password',
    file: 'packages/server/src/auth/change-password.ts',
    find: 'const ended = await endSessionsOf(client, userId);',
    replace: "const ended = userId === '' ? await endSessionsOf(client, userId) : [sid];",
    test: inServer(
      'sessions',
      'are deleted when the password changes, but for the new one of who changed it',
    ),
  },
  {
    id: 'password-change-first',
    file: AUTHORISE,
    find: 'if (user.mustChangePassword && (isToken || route.beforePasswordChange !== true))',
    replace: "if (user.id === '')",
    test: inServer('auth', 'comes first for a user who has to'),
  },
  {
    id: 'role-checked',
    file: AUTHORISE,
    find: 'if (!hasRole(user.role, route.role))',
    replace: "if (user.id === '')",
    test: inServer('audit-completeness', 'leaves an entry when the role does not allow it'),
  },
  {
    id: 'route-closed-by-default',
    file: 'packages/server/src/auth/session-routes.ts',
    find: "    path: '/api/auth/sessions',\n    operationId: 'listOwnSessions',",
    replace: "    path: '/api/auth/all_sessions',\n    operationId: 'listOwnSessions',",
    test: inServer('route-roles', 'is the OpenAPI document, and each of its routes has its role'),
  },
  {
    id: 'own-role',
    file: 'packages/server/src/users/user-routes.ts',
    find: "      if (id === context.user.id) throw new ProblemError('own_role');\n",
    replace: '',
    test: inServer('users', 'cannot change their own role, and one that is unknown is a 404'),
  },
  {
    id: 'last-superadmin',
    file: 'packages/server/src/users/update-user.ts',
    find: "    await client.query('SELECT pg_advisory_xact_lock($1)', [SUPERADMIN_LOCK]);\n",
    replace: '',
    test: inServer('users', 'stays one, also when two superadmins unmake each other at the same moment'),
  },
  {
    id: 'token-role',
    file: TOKEN_USER,
    find: 'role: hasRole(row.role, row.token_role) ? row.token_role : row.role,',
    replace: 'role: row.token_role,',
    test: inServer('api-tokens', 'may do what its own role and the present one of its owner both allow'),
  },
  {
    id: 'token-role-of-its-maker',
    file: 'packages/server/src/api-tokens/api-token-routes.ts',
    find: 'if (!hasRole(user.role, body.role))',
    replace: "if (user.id === '')",
    test: inServer('api-tokens', 'has no higher role than its maker'),
  },
  {
    id: 'token-hashed',
    file: 'packages/server/src/auth/token-secret.ts',
    find: "createHash('sha256').update(secret, 'utf8').digest('hex')",
    replace: "(createHash('sha256'), secret)",
    test: inServer('api-tokens', 'is shown once, and kept as nothing but a hash'),
  },
  {
    id: 'token-owner-enabled',
    file: TOKEN_USER,
    find: ' AND u.disabled_at IS NULL',
    replace: '',
    test: inServer('tokens-of-a-user', 'do nothing while their owner is disabled, whoever did it'),
  },
  {
    id: 'token-manages-no-credentials',
    file: AUTHORISE,
    find: 'if (isToken && route.sessionOnly === true)',
    replace: "if (user.id === '')",
    test: inServer('api-tokens', 'manages no credentials of its owner'),
  },
  {
    id: 'rights-until-the-end',
    file: 'packages/server/src/http/handle-route.ts',
    find: 'if (comesLater && user !== null)',
    replace: 'if (comesLater && user === null)',
    test: inServer('held-body', 'is refused when its user %s meanwhile'),
  },
  {
    id: 'token-manages-no-users',
    file: AUTHORISE,
    find: 'if (isToken && route.sessionOnly === true)',
    replace: "if (isToken && route.sessionOnly === true && route.role !== 'superadmin')",
    test: inServer(
      'api-tokens',
      'of a superadmin gives nobody a password, a role or an account, its owner neither',
    ),
  },
  {
    id: 'kept-answers-sealed',
    file: 'packages/server/src/http/idempotency.ts',
    find: 'answerIsSecret ? { sealed: seal.seal(text, purpose) } : { text }',
    replace: 'answerIsSecret ? { text } : { text }',
    test: inServer('idempotency', 'keeps no secret in clear, and gives it again all the same'),
  },
  {
    id: 'enrolment-counted',
    file: 'packages/server/src/enrolment/enrolment-tokens.ts',
    find: ' AND uses < max_uses AND',
    replace: ' AND',
    test: inServer('enrolment', 'is counted: of many at once, exactly as many succeed as the token has uses'),
  },
  {
    id: 'limits-without-a-queue',
    file: 'packages/server/src/auth/count-attempt.ts',
    find: 'before !== null && before.consumedPoints >= limiter.points',
    replace: 'before !== null && before.consumedPoints < 0',
    test: inServer('enrolment', 'waits for no lock where it is refused for its number'),
  },
  {
    id: 'enrolment-ends',
    file: 'packages/server/src/enrolment/enrolment-tokens.ts',
    find: ' AND expires_at > clock_timestamp() AND revoked_at IS NULL',
    replace: '',
    test: inServer('enrolment', 'is refused alike with a token that is unknown, used up, expired or revoked'),
  },
  {
    id: 'token-ends',
    file: TOKEN_USER,
    find: ' AND t.revoked_at IS NULL AND t.expires_at > now()',
    replace: '',
    test: inServer('api-tokens', 'that is %s is worth nothing, by the clock of the database'),
  },
];
