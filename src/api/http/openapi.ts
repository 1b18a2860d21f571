/** The OpenAPI document, generated from the routes and schemas that serve requests. */
import { OpenApiGeneratorV31, OpenAPIRegistry, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { STANDING_DEFECTS } from '../../domain/plan-change/agent-standing';
import { CORRECTION_REFUSALS } from '../../domain/plan-change/corrections';
import { SHOWN_STAGES } from '../../domain/plan-change/plan-change';
import { INELIGIBILITIES } from '../../domain/plan-change/eligibility';
import { problemAnswer, PROBLEMS_PAGE } from './answer';
import type { Texts } from '../../ports/texts';
import { FIELD_CODES } from './field-errors';
import { AppError, PROBLEM_CODES, problemStatuses, type ProblemCode, type ProblemMore } from './problems';
import { isApiKeyAuth, isApiPath, problemsOf, type Auth, type BodySchema, type Route } from './route';

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

const problemSchema = z
  .object({
    type: z
      .string()
      .meta({ description: 'Where the problem is explained.', example: `${PROBLEMS_PAGE}#pin_wrong` }),
    title: z.string(),
    status: z.int(),
    code: z
      .enum(PROBLEM_CODES)
      .meta({ description: 'For programs to act on; titles and details are for people.' }),
    detail: z.string().optional(),
    errors: z
      .array(
        z.object({
          pointer: z
            .string()
            .meta({ description: 'A JSON Pointer into the body, or `header:` or `query:` and a name.' }),
          code: z.enum(FIELD_CODES),
          detail: z.string(),
        }),
      )
      .optional(),
    triesLeft: z
      .int()
      .min(0)
      .meta({ description: 'With `pin_wrong` and `answers_wrong`: how many wrong entries are left.' })
      .optional(),
    planChangeId: z
      .uuid()
      .meta({
        description:
          'With `plan_change_open`: the open plan change. With `later_change_recorded`: the one that took the place of this one.',
      })
      .optional(),
    stage: z
      .enum(SHOWN_STAGES)
      .meta({ description: 'With `wrong_stage`: the stage of the plan change.' })
      .optional(),
    reason: z
      .enum([...INELIGIBILITIES, ...STANDING_DEFECTS, ...CORRECTION_REFUSALS])
      .meta({
        description:
          'With `not_eligible`, `facilitator_not_eligible` and, for a correction, `wrong_stage`: why.',
      })
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });

type SchemeName = Extract<Auth, string> | 'api-key';

const schemes: Record<SchemeName, { name: string; description: string }> = {
  'flow-token': {
    name: 'resetToken',
    description:
      'The `token` returned when the password reset was started, or a code for signing in was sent.',
  },
  session: { name: 'sessionToken', description: 'The `token` returned by signing in.' },
  'api-key': {
    name: 'apiKey',
    description: 'The key of a back-office system or a representative, created with the named scope.',
  },
};

const tags = [
  { name: 'Portals', description: 'The rules and texts of the two portals.' },
  {
    name: 'Password reset',
    description: 'A forgotten password, or user ID, by emailed PIN; for brokers by security questions.',
  },
  { name: 'Signing in', description: 'Sessions, and changing a known password.' },
  {
    name: 'Two-step verification',
    description: 'Signing in with a password and an emailed code, for members who turn it on.',
  },
  { name: 'Broker accounts', description: 'Registering with an access code, and forgotten usernames.' },
  {
    name: 'Plan changes',
    description:
      'A Medicare Advantage customer’s change of plan, and who is agent of record, with an API key.',
  },
  { name: 'Staff', description: 'For back-office systems and representatives, with an API key.' },
  { name: 'Operators', description: 'Runs, timelines and emails, with an API key of the scope `ops`.' },
  { name: 'Service', description: 'Health checks and documentation, for operators.' },
];

const description = `
Account and agent-of-record workflows for insurance portals. Bodies and answers are JSON; times are ISO 8601 in UTC.

- **Problems** are \`application/problem+json\` with a \`code\` from [one table](.${PROBLEMS_PAGE}).
- **Language**: texts for people are in the language of \`Accept-Language\`, if it is one of the portal’s \`languages\`.
- **Text**: white space, line ends and invisible characters (zero-width, soft hyphen, direction marks) around a value are
  removed before its pattern, format and length are checked. Within a value, control characters and invisible characters
  are refused. Passwords are used exactly as sent.
- **Repeating safely**: send an \`Idempotency-Key\` with a POST; the same key and body get the same answer for 24 hours,
  with \`Idempotency-Replayed: true\`. After a 503, or no answer at all, send them again: the result is found, and nothing is done twice.
  A key belongs to the API key or token it came with, or else to the client's address.
- **Limits**: 429 and 503 always have \`Retry-After\` in whole seconds.
- **Support**: every answer has \`X-Request-Id\`.
`.trim();

/** OpenAPI 3.1 of `routes`; `version` is the package's. */
export function createOpenApiDocument(
  routes: readonly Route[],
  version: string,
  texts: Texts,
): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  for (const { name, description: about } of Object.values(schemes)) {
    registry.registerComponent('securitySchemes', name, {
      type: 'http',
      scheme: 'bearer',
      description: about,
    });
  }
  for (const route of routes) registry.registerPath(toOperation(route, texts));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Tenure', version, description },
    tags,
  });
}

function toOperation(route: Route, texts: Texts): RouteConfig {
  const { method, path, tag, summary, auth, params, query, body } = route;
  return {
    method,
    path,
    tags: [tag],
    summary,
    operationId: operationId(route),
    ...(route.description !== undefined && { description: route.description }),
    security: securityOf(auth),
    request: {
      ...(params && { params }),
      ...(query && { query }),
      ...(isApiPath(path) && { headers: requestHeaders(route) }),
      ...(body && {
        body: {
          required: isRequired(body),
          content: { 'application/json': { schema: body } },
        },
      }),
    },
    responses: { ...problemResponses(route, texts), ...successes(route) },
  };
}

/** An API key needs any one of its scopes: one requirement each. */
function securityOf(auth: Auth | undefined): Record<string, string[]>[] {
  if (auth === undefined) return [];
  if (!isApiKeyAuth(auth)) return [{ [schemes[auth].name]: [] }];
  return auth.apiKey.map((scope) => ({ [schemes['api-key'].name]: [scope] }));
}

const isRequired = (body: BodySchema): boolean =>
  !(body instanceof z.ZodObject) || Object.keys(body.shape).length > 0;

/** `POST /v1/password-resets/{id}/pin` -> `postPasswordResetsPin`; a parameter at the end counts as a word. */
function operationId({ method, path }: Route): string {
  const words = path
    .replace(/\{(\w+)\}$/, '$1')
    .split(/[/.]/)
    .filter((word) => /^[a-z]/.test(word) && word !== 'v1');
  return words.reduce(
    (id, word) => id + word.replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase()),
    method as string,
  );
}

function requestHeaders({ method }: Route): z.ZodObject {
  const language = z
    .string()
    .optional()
    .meta({ description: 'As RFC 9110 has it: `es-MX, en;q=0.8`.', example: 'en' });
  const key = z.string().min(1).max(255).optional().meta({
    description: 'Your own identifier for this request; visible ASCII characters.',
  });
  return z.object({ 'Accept-Language': language, ...(method === 'post' && { 'Idempotency-Key': key }) });
}

function successes({ responses, csv }: Route): RouteConfig['responses'] {
  return Object.fromEntries(
    Object.entries(responses).map(([status, schema]) => [
      status,
      {
        description: meaning[status] ?? 'Done.',
        ...(schema && {
          content: {
            'application/json': { schema },
            ...(csv !== undefined &&
              status === '200' && { 'text/csv': { schema: z.string().meta({ description: csv }) } }),
          },
        }),
      },
    ]),
  );
}

const meaning: Readonly<Record<string, string>> = {
  200: 'OK.',
  201: 'Created.',
  202: 'Accepted; continues in the background.',
  204: 'Done; no content.',
  503: 'A part of the system is unavailable.',
};

/** One entry for each status, with the codes that it can have. */
function problemResponses(route: Route, texts: Texts): RouteConfig['responses'] {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemsOf(route)) {
    const status = problemStatuses[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes
          .map((code) => `\`${code}\`: ${texts.text('en', `problems.${code}.title`)}.`)
          .join('\n\n'),
        ...((status === 429 || status === 503) && { headers: retryAfter }),
        content: {
          'application/problem+json': {
            schema: problemSchema.and(z.object({ code: z.enum(codes) })),
            examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code, texts) }])),
          },
        },
      },
    ]),
  );
}

function exampleOf(code: ProblemCode, texts: Texts): unknown {
  return problemAnswer(new AppError(code, exampleMore[code]), 'en', texts).body;
}

const exampleMore: Partial<Record<ProblemCode, ProblemMore>> = {
  invalid_fields: { errors: [{ pointer: '/email', code: 'required' }] },
  password_refused: {
    errors: [
      { pointer: '/password', code: 'digit_missing' },
      { pointer: '/confirmation', code: 'not_equal' },
    ],
  },
  pin_wrong: { extensions: { triesLeft: 2 } },
  answers_wrong: { extensions: { triesLeft: 2 } },
  plan_change_open: { extensions: { planChangeId: '0b8a2f6e-2a54-4d2c-9d0f-6a1b7c3d5e90' } },
  wrong_stage: { extensions: { stage: 'completed' } },
  later_change_recorded: { extensions: { planChangeId: '5e0d1c7a-6f3b-4a8e-9b21-0c4d7e9f1a35' } },
  not_eligible: { extensions: { reason: 'plan-not-offered' } },
  facilitator_not_eligible: { extensions: { reason: 'not-certified' } },
};

const retryAfter = z.object({
  'Retry-After': z.string().meta({ description: 'Whole seconds, at least 1.' }),
});
