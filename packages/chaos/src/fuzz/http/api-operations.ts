import type { Role } from '@infoscreen/shared-types';
import { z } from 'zod';

/** As much of JSON Schema as the API's document uses and the generator understands. */
export interface BodySchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly BodySchema[];
  readonly properties?: Readonly<Record<string, BodySchema>>;
  readonly required?: readonly string[];
  readonly items?: BodySchema;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

export interface ApiOperation {
  readonly method: string;
  readonly path: string;
  readonly role: Role | 'public';
  readonly queryNames: readonly string[];
  readonly body: BodySchema | undefined;
}

const operationSchema = z.object({
  'x-required-role': z.enum(['public', 'viewer', 'admin', 'superadmin']),
  parameters: z.array(z.object({ name: z.string(), in: z.string() })).default([]),
  requestBody: z
    .object({ content: z.object({ 'application/json': z.object({ schema: z.custom<BodySchema>() }) }) })
    .optional(),
});
const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), z.custom<BodySchema>()).default({}) }),
});

export interface Api {
  readonly operations: readonly ApiOperation[];
  /** Schemas by name, for `$ref`. */
  readonly schemas: Readonly<Record<string, BodySchema>>;
}

/** Reads every route from the document that the server serves of itself. */
export async function readApi(baseUrl: string): Promise<Api> {
  const document = documentSchema.parse(await (await fetch(`${baseUrl}/api/openapi.json`)).json());
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      role: operation['x-required-role'],
      queryNames: operation.parameters
        .filter((parameter) => parameter.in === 'query')
        .map(({ name }) => name),
      body: operation.requestBody?.content['application/json'].schema,
    })),
  );
  return { operations, schemas: document.components.schemas };
}
