/** Holds answers against the OpenAPI document. */
import { z } from 'zod';

export interface Schema {
  readonly [key: string]: unknown;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security: readonly Record<string, unknown>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description: string;
        readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
      }
    >
  >;
}

export interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema & { readonly properties: Record<string, Schema> }>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

/** Answers before a route is found: of every path, known or not. */
const OUTSIDE_ROUTES = new Set([
  'not_found',
  'method_not_allowed',
  'too_many_requests',
  'unavailable',
  'internal',
]);

/** The operation that answers `method path`, if the document has one. */
export function operationOf(document: Document, method: string, url: string): Operation | undefined {
  const path = url.split('?')[0] ?? url;
  const [, item] =
    Object.entries(document.paths).find(([pattern]) =>
      new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
    ) ?? [];
  return item?.[method.toLowerCase()];
}

/** Fails the test unless the answer has a status, a media type and a body that the document tells of. */
export function expectToFitDocument(
  document: Document,
  method: string,
  path: string,
  { status, headers, body }: { status: number; headers: Headers; body: unknown },
): void {
  const operation = operationOf(document, method, path);
  const mediaType = headers.get('content-type')?.split(';')[0];
  const code = (body as { code?: string } | undefined)?.code;
  if (mediaType === 'application/problem+json') {
    expectToFit(document, { $ref: '#/components/schemas/Problem' }, body);
    if (code !== undefined && OUTSIDE_ROUTES.has(code) && operation?.responses[status] === undefined) return;
  }
  if (!operation) return;
  const response = operation.responses[status];
  if (!response)
    throw new Error(`${method} ${path} answered ${status} ${code}, which the document does not know`);
  if (response.content === undefined) {
    expect(body).toBe('');
    return;
  }
  const content = response.content[mediaType ?? ''];
  if (!content) throw new Error(`${method} ${path} answered ${status} as ${mediaType}`);
  expectToFit(document, content.schema, body);
}

function expectToFit(document: Document, schema: Schema, value: unknown): void {
  const result = fitting(document, schema).safeParse(value);
  if (!result.success) {
    throw new Error(`does not fit the document: ${result.error.message}\n${JSON.stringify(value)}`);
  }
}

/** Made once for each schema of a document: making one takes longer than a request. */
const made = new WeakMap<Document, Map<string, z.ZodType>>();

/** What fits `schema`, a part of `document`. */
export function fitting(document: Document, schema: Schema): z.ZodType {
  const ofDocument = made.get(document) ?? new Map<string, z.ZodType>();
  made.set(document, ofDocument);
  const key = JSON.stringify(schema);
  const known = ofDocument.get(key);
  if (known) return known;
  const whole = { ...schema, $defs: document.components.schemas };
  const local = JSON.parse(
    JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/'),
  ) as z.core.JSONSchema.BaseSchema;
  const type = z.fromJSONSchema(local);
  ofDocument.set(key, type);
  return type;
}
