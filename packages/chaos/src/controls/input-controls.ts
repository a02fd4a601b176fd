import type { Control, ControlTest } from './control.ts';

const inServer = (file: string, name: string): ControlTest => ({
  file: `packages/server/test/${file}.test.ts`,
  name,
});
const LOGGABLE = 'packages/service-kit/src/logging/loggable.ts';
const inLog = (name: string): ControlTest => ({ file: 'packages/service-kit/test/log-line.test.ts', name });

/** What a request may be made of and where it may come from, and what of it reaches a log. */
export const INPUT_CONTROLS: readonly Control[] = [
  {
    id: 'cross-site',
    file: 'packages/server/src/http/authorise.ts',
    find: '  refuseCrossSite(req);\n',
    replace: '',
    test: inServer('bad-input', 'counts when it comes from %s only if that is ours'),
  },
  {
    id: 'json-alone',
    file: 'packages/server/src/http/read-body.ts',
    find: "if (req.is(['application/json', 'application/*+json']) === false)",
    replace: "if (req.method === '')",
    test: inServer('bad-input', '%s is answered as what it is'),
  },
  {
    id: 'no-cors',
    file: 'packages/server/src/http/cross-origin.ts',
    find: "if (origins.includes(req.get('origin') ?? '')) allow(req, res, next);",
    replace: 'if (origins.length > 0) cors()(req, res, next);',
    test: inServer('cross-origin', 'sees none either where another one is set, however like it looks'),
  },
  {
    id: 'secrets-uncompressed',
    file: 'packages/server/src/http/compressed-answers.ts',
    find: "req.method === 'GET' &&",
    replace: '',
    test: inServer('answers', 'is never compressed: no answer of a write is, however long'),
  },
  {
    id: 'answers-asked-anew',
    file: 'packages/server/src/http/read-answer.ts',
    find: "'private, no-cache'",
    replace: "'public, max-age=60'",
    test: inServer(
      'answers',
      'has an ETag at every address, and is a 304 without a body where the caller has it',
    ),
  },
  {
    id: 'shared-reads-fresh',
    file: 'packages/server/src/http/shared-runs.ts',
    find: 'turn.next ??= turn.current.then(runInTurn, runInTurn);\n    return turn.next;',
    replace: 'void runInTurn;\n    return turn.current;',
    test: inServer('shared-runs', 'never get what was read before they asked'),
  },
  {
    id: 'content-security-policy',
    file: 'packages/server/src/http/security-headers.ts',
    find: 'scriptSrc: ["\'self\'"],',
    replace: 'scriptSrc: ["\'self\'", "\'unsafe-inline\'"],',
    test: inServer('security-headers', 'lets a browser load our own files alone, and works on plain HTTP'),
  },
  {
    id: 'forwarded-by-trusted-proxies',
    file: 'packages/server/src/create-app.ts',
    find: "app.set('trust proxy', settings.trustProxy);",
    replace: "app.set('trust proxy', true);",
    test: inServer('security-headers', 'believes nobody else who says so'),
  },
  {
    id: 'body-size',
    file: 'packages/server/src/http/read-body.ts',
    find: "const BODY_LIMIT = '64kb';",
    replace: "const BODY_LIMIT = '64mb';",
    test: inServer('bad-input', '%s is answered as what it is'),
  },
  {
    id: 'header-time',
    file: 'packages/server/src/http/create-http-server.ts',
    find: '      headersTimeout: HTTP_LIMITS.headersMs,',
    replace: '      headersTimeout: 0,',
    test: inServer('http-limits', 'ends a connection whose headers never end'),
  },
  {
    id: 'requests-ahead',
    file: 'packages/server/src/http/create-http-server.ts',
    find: 'before >= HTTP_LIMITS.underWay',
    replace: 'before < 0',
    test: inServer(
      'http-limits',
      'a connection with more requests under way than a limit is cut, before they pile up',
    ),
  },
  {
    id: 'log-masks-secrets',
    file: LOGGABLE,
    find: 'SECRET_NAME.test(name) && value !== null',
    replace: "name === '' && value !== null",
    test: inLog('shows no secret by name, nor the credentials of a URL, nor what hangs on an error'),
  },
  {
    id: 'log-hides-url-credentials',
    file: LOGGABLE,
    find: ".replace(URL_CREDENTIALS, '$1[redacted]@')",
    replace: '',
    test: inLog('shows no secret by name, nor the credentials of a URL, nor what hangs on an error'),
  },
  {
    id: 'log-lines-whole',
    file: LOGGABLE,
    find: 'return cleanText(cut)',
    replace: 'return cut',
    test: inLog('is one line, whatever its fields contain'),
  },
  {
    id: 'no-default-secret',
    file: 'packages/service-kit/src/settings/setting-types.ts',
    find: '.refine((value) => !isPlaceholder(value), { error: `still a placeholder: ',
    replace: '.refine((value) => value !== undefined, { error: `',
    test: { file: 'packages/service-kit/test/settings.test.ts', name: 'refuse %p as a secret' },
  },
];
