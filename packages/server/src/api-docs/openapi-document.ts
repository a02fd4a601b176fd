import { PROBLEM_CODES, PROBLEM_MEDIA_TYPE, type ProblemCode, problemSchema } from '@infoscreen/shared-types';
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { isWrite, type Route } from '../http/define-route.ts';
import { SESSION_COOKIE } from '../http/sessions.ts';

const idempotencyHeader = z.object({
  'Idempotency-Key': z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Per user: the same key gives the same answer again, and the write happens once.' }),
});

/** The OpenAPI document of the route table: the same schemas that check each request. */
export function openApiDocument(
  routes: readonly Route[],
  { version }: { readonly version: string },
): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Infoscreen fleet control',
        version,
        description:
          'Watch and command a fleet of information screens. Errors are problem documents (RFC 9457) with a stable `code`.',
      },
      paths,
      components: {
        securitySchemes: {
          cookie: {
            type: 'apiKey',
            in: 'cookie',
            name: SESSION_COOKIE,
            description: 'From POST /api/auth/login.',
          },
          bearer: { type: 'http', scheme: 'bearer', description: 'A token from POST /api/tokens.' },
        },
      },
    },
    {
      // Answers may grow: a caller that refused unknown fields would break with the next version.
      override: ({ jsonSchema, io }) => {
        if (io === 'output' && jsonSchema.additionalProperties === false)
          delete jsonSchema.additionalProperties;
      },
    },
  );
}

function operation(route: Route): ZodOpenApiOperationObject {
  const { params, query, body } = route.request;
  const takesKey = isWrite(route.method) && route.role !== 'public';
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    description: route.role === 'public' ? 'Open to everybody.' : `Needs the role ${route.role}.`,
    security: security(route),
    requestParams: {
      ...(params === undefined ? {} : { path: params }),
      ...(query === undefined ? {} : { query }),
      ...(takesKey ? { header: idempotencyHeader } : {}),
    },
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: !body.safeParse({}).success,
            content: { 'application/json': { schema: body } },
          },
        }),
    responses: { ...successes(route), ...refusals(route) },
    'x-required-role': route.role,
  };
}

function security({ role, sessionOnly }: Route): Record<string, string[]>[] {
  if (role === 'public') return [];
  return sessionOnly === true ? [{ cookie: [] }] : [{ cookie: [] }, { bearer: [] }];
}

function successes({
  responses,
  summary,
  stream,
  streams = [],
}: Route): ZodOpenApiOperationObject['responses'] {
  const text = Object.fromEntries(
    streams.map((mediaType) => [mediaType, { schema: { type: 'string' as const } }]),
  );
  const mediaType = stream?.mediaType ?? 'application/json';
  return Object.fromEntries(
    Object.entries(responses).map(([status, schema]) => [
      status,
      {
        description: summary,
        ...(schema === null
          ? {}
          : { content: { [mediaType]: { schema }, ...(status === '200' ? text : {}) } }),
      },
    ]),
  );
}

/** One response per status; its description lists the codes, and what each means. */
function refusals(route: Route): ZodOpenApiOperationObject['responses'] {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemCodes(route)) {
    const { status } = PROBLEM_CODES[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${PROBLEM_CODES[code].title}`).join('\n\n'),
        content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } },
      },
    ]),
  );
}

/** Every problem that a route can answer: its own, and those of its access, its schemas and its method. */
export function problemCodes(route: Route): ProblemCode[] {
  const isProtected = route.role !== 'public';
  const write = isWrite(route.method);
  const takesInput = Object.keys(route.request).length > 0 || (write && isProtected);
  const implied: (readonly [boolean, readonly ProblemCode[]])[] = [
    [takesInput, ['invalid_request']],
    [isProtected, ['not_authenticated', 'invalid_token', 'forbidden']],
    [route.sessionOnly === true, ['session_required']],
    [isProtected, ['password_change_required']],
    [write, ['cross_site_request']],
    [route.request.body !== undefined, ['invalid_json', 'payload_too_large', 'unsupported_media_type']],
    [write && isProtected, ['idempotency_key_in_use', 'idempotency_key_reused']],
    [true, ['internal_error', 'unavailable']],
  ];
  return [...new Set([...route.problems, ...implied.flatMap(([applies, codes]) => (applies ? codes : []))])];
}
