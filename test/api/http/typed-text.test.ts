/** What people paste comes with what stood around it. Every text field of every route takes it as if it were not there. */
import type { ApiDeps } from '../../../src/api/deps';
import { createRoutes } from '../../../src/api/app';
import { createOpenApiDocument } from '../../../src/api/http/openapi';
import { trimTyped } from '../../../src/domain/accounts/text';
import type { Document, Schema } from '../document';
import { brand, portalPolicies } from '../../support/brand';

const routes = createRoutes({ version: '0.0.0', policies: portalPolicies, texts: brand.texts } as ApiDeps);
const document = createOpenApiDocument(routes, '0.0.0', brand.texts) as unknown as Document;

type Parse = (values: unknown) => {
  readonly success: boolean;
  readonly data?: unknown;
  readonly error?: { readonly issues: readonly { readonly params?: unknown }[] };
};

interface Form {
  readonly name: string;
  readonly parse: Parse;
  readonly schema: Schema;
}

const objectOf = (parameters: readonly { name: string; schema: Schema }[]): Schema => ({
  type: 'object',
  properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
});

/** What the routes take: path, query and body, each with the schema that parses it and with the document's. */
const forms: Form[] = routes.flatMap(({ method, path, params, query, body }) => {
  const { parameters = [], requestBody } = document.paths[path]![method]!;
  const name = `${method.toUpperCase()} ${path}`;
  const inPlace = (place: string): Schema =>
    objectOf(parameters.filter((parameter) => parameter.in === place));
  const bodySchema = requestBody && resolved(requestBody.content['application/json']!.schema);
  const bodyForms = (bodySchema?.['oneOf'] as Schema[] | undefined) ?? (bodySchema ? [bodySchema] : []);
  return [
    ...(params ? [{ name: `${name} path`, parse: params.safeParse as Parse, schema: inPlace('path') }] : []),
    ...(query ? [{ name: `${name} query`, parse: query.safeParse as Parse, schema: inPlace('query') }] : []),
    ...bodyForms.map((schema) => ({ name, parse: body!.safeParse as Parse, schema: resolved(schema) })),
  ];
});

function resolved(schema: Schema): Schema {
  const reference = schema['$ref'] as string | undefined;
  return reference === undefined ? schema : document.components.schemas[reference.split('/').at(-1)!]!;
}

type Sample = string | boolean | readonly Sample[] | { readonly [name: string]: Sample };
type Path = readonly (string | number)[];

interface TextField {
  readonly path: Path;
  readonly schema: Schema;
}

const PASSWORDS = ['password', 'confirmation', 'currentPassword'];

/** A value that fits, from the examples of the document; where its text fields are is added to `fields`. */
function sampleOf(given: Schema, fields: TextField[], path: Path = []): Sample {
  const schema = resolved(given);
  const { example, format } = schema as { example?: Sample; format?: string };
  if (schema['type'] === 'object') {
    const properties = Object.entries(schema['properties'] as Record<string, Schema>);
    return Object.fromEntries(properties.map(([name, of]) => [name, sampleOf(of, fields, [...path, name])]));
  }
  if (schema['type'] === 'array') {
    return (schema['prefixItems'] as Schema[]).map((of, index) => sampleOf(of, fields, [...path, index]));
  }
  const values = schema['enum'] as Sample[] | undefined;
  if (schema['type'] !== 'string') return (schema['const'] as boolean | undefined) ?? values?.[0] ?? false;
  if (values) return values[0]!;
  if (!PASSWORDS.includes(String(path.at(-1)))) fields.push({ path, schema });
  return example ?? (format === 'uuid' ? '0b8a2f6e-2a54-4d2c-9d0f-6a1b7c3d5e90' : 'next');
}

function changed(sample: Sample, [step, ...rest]: Path, change: (text: string) => string): Sample {
  if (step === undefined) return change(sample as string);
  const copy = structuredClone(sample) as Record<string | number, Sample>;
  copy[step] = changed(copy[step]!, rest, change);
  return copy;
}

const cases = forms.flatMap(({ name, parse, schema }) => {
  const fields: TextField[] = [];
  const sample = sampleOf(schema, fields);
  return fields.map((field) => ({
    name: `${name} ${field.path.join('.')}`,
    text: field.path.reduce<Sample>(
      (at, step) => (at as Record<string | number, Sample>)[step]!,
      sample,
    ) as string,
    pattern: field.schema['pattern'] as string | undefined,
    parseWith: (change: (text: string) => string) => parse(changed(sample, field.path, change)),
  }));
});

const AROUND = [
  ...['\t', '\n', '\r\n', ' ', '\u0085', '\u00a0', '\u2003', '\u2009', '\u202f', '\u3000', '\u2028'],
  ...['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u200e', '\u202c', '\u2069', '\u3164'],
  ...[' \u200b\n\t', '\u{e0020}'],
];
const HIDDEN = ['\u200b', '\u200d', '\ufeff', '\u00ad', '\u202e', '\u2066', '\u2028', '\u3164', '\u{e0020}'];

/** The reason is the first fault: for a path, which then names nothing, too. */
const reasons = ({ error }: ReturnType<Parse>): unknown[] =>
  (error?.issues ?? []).map(({ params }) => (params as { code?: string } | undefined)?.code);

it('The cases of this test cover the text fields of all routes', () => {
  const names = cases.map(({ name }) => name);

  expect(names.length).toBeGreaterThan(50);
  expect(names).toEqual(
    expect.arrayContaining([
      'POST /v1/password-resets/{id}/pin pin',
      'POST /v1/portals/member/password-resets email',
      'POST /v1/portals/{portal}/sessions username',
      'POST /v1/portals/broker/registrations/verifications accessCode',
      'POST /v1/portals/broker/registrations phone',
      'POST /v1/portals/broker/registrations securityAnswers.1.answer',
      'POST /v1/portals/broker/username-reminders agentNumber',
      'POST /v1/plan-changes facilitator.number',
      'POST /v1/plan-changes effectiveDate',
      'POST /v1/plan-changes/{id}/withdraw reason',
      'GET /v1/customers/{id}/agent-of-record path id',
      'GET /v1/ops/runs query customer',
    ]),
  );
});

describe.each(cases)('$name', ({ text, pattern, parseWith }) => {
  it('A text field ignores white space and invisible characters around its text', () => {
    const plain = parseWith((typed) => typed);
    expect(plain).toMatchObject({ success: true });

    for (const around of AROUND) {
      for (const pasted of [around + text, text + around, around + text + around]) {
        expect([pasted, parseWith(() => pasted).data]).toEqual([pasted, plain.data]);
        if (pattern !== undefined && !around.includes('\u{e0020}'))
          expect(pasted).toMatch(new RegExp(pattern));
      }
    }
  });

  it('A text field refuses invisible characters within its text', () => {
    for (const hidden of HIDDEN) {
      const spoilt = (typed: string): string => typed.slice(0, 1) + hidden + typed.slice(1);

      expect([hidden, reasons(parseWith(spoilt))]).toEqual([hidden, ['hidden_character']]);
    }
  });
});

it('Passwords are accepted as typed, without trimming', () => {
  const route = routes.find(({ path }) => path === '/v1/portals/{portal}/sessions')!;
  const password = '\u200b Sunny day\u00a0';

  expect(route.body!.parse({ username: ' maria ', password })).toMatchObject({ username: 'maria', password });
});

it('The patterns of the OpenAPI document allow exactly the characters that are trimmed', () => {
  const pattern = new RegExp(cases.find(({ name }) => name.endsWith('/pin pin'))!.pattern!);
  const characters = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code));
  const isTrimmed = (character: string): boolean => trimTyped(character) === '';

  expect(characters.filter((one) => pattern.test(`${one}0123456789`) !== isTrimmed(one))).toEqual([]);
});
