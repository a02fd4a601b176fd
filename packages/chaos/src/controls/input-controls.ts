import type { Control } from './control.ts';

/** What a request or a message may be made of, and where it may come from. */
export const INPUT_CONTROLS: readonly Control[] = [
  {
    id: 'cross-site',
    file: 'packages/server/src/http/handle-route.ts',
    find: '    refuseCrossSite(req);\n',
    replace: '',
    test: {
      file: 'packages/server/test/bad-input.test.ts',
      name: 'counts when it comes from %s only if that is ours',
    },
  },
  {
    id: 'header-time',
    file: 'packages/server/src/http/create-http-server.ts',
    find: '      headersTimeout: HTTP_LIMITS.headersMs,',
    replace: '      headersTimeout: 0,',
    test: {
      file: 'packages/server/test/http-limits.test.ts',
      name: 'ends a connection whose headers never end',
    },
  },
  {
    id: 'topic-decides',
    file: 'packages/shared-types/src/mqtt/inbound-message.ts',
    find: 'namedUuids(json.value).some((named) => named !== clientUuid)',
    replace: 'namedUuids(json.value).some((named) => named === "")',
    test: {
      file: 'packages/listener/test/messages.test.ts',
      name: 'a refused message',
    },
  },
];
