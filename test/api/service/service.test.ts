import { FIELD_CODES } from '../../../src/api/http/field-errors';
import { PROBLEM_CODES, problemStatuses } from '../../../src/api/http/problems';
import { startApi, type Api, type Json } from '../api';
import type { Operation } from '../document';

let api: Api;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

describe('Health and readiness', () => {
  it('The health check answers without checking any dependency', async () => {
    Object.assign(api.ready, { database: false, temporal: false, worker: false });

    expect(await api.call('GET', '/healthz')).toMatchObject({ status: 200, body: { alive: true } });
  });

  it('The service is ready when every dependency is available', async () => {
    expect(await api.call('GET', '/readyz')).toMatchObject({
      status: 200,
      body: { ready: true, database: true, temporal: true, worker: true },
    });
  });

  it.each(['database', 'temporal', 'worker'] as const)(
    'The service is not ready without %s, and says so',
    async (part) => {
      api.ready[part] = false;

      const { status, body, headers } = await api.call('GET', '/readyz');

      expect(status).toBe(503);
      expect(body).toEqual({ ready: false, database: true, temporal: true, worker: true, [part]: false });
      expect(headers.get('retry-after')).toBe('5');
    },
  );
});

describe('OpenAPI document', () => {
  const operations = (): [string, Operation][] =>
    Object.entries(api.document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path}`,
        operation,
      ]),
    );

  it('The OpenAPI document lists every call', () => {
    expect(
      operations()
        .map(([name]) => name)
        .toSorted(),
    ).toEqual([
      'DELETE /v1/password-resets/{id}',
      'DELETE /v1/session',
      'DELETE /v1/session/all',
      'DELETE /v1/session/two-step',
      'GET /healthz',
      'GET /openapi.json',
      'GET /readyz',
      'GET /v1/agents/{agentNumber}/commissions',
      'GET /v1/agents/{agentNumber}/customers',
      'GET /v1/aor/reviews',
      'GET /v1/customers/{id}/agent-of-record',
      'GET /v1/ops/accounts/{id}/timeline',
      'GET /v1/ops/customers/{id}/timeline',
      'GET /v1/ops/runs',
      'GET /v1/password-resets/{id}',
      'GET /v1/plan-changes',
      'GET /v1/plan-changes/{id}',
      'GET /v1/portals/{portal}',
      'GET /v1/portals/{portal}/terms',
      'GET /v1/rotations',
      'GET /v1/session',
      'GET /v1/session/sign-ins',
      'GET /v1/sign-ins/{id}',
      'POST /v1/access-invitations',
      'POST /v1/ops/accounts/{id}/recovery-allowance',
      'POST /v1/ops/accounts/{id}/two-step-off',
      'POST /v1/ops/emails/{messageId}/resend',
      'POST /v1/ops/runs/cancel',
      'POST /v1/password-resets/{id}/answers',
      'POST /v1/password-resets/{id}/password',
      'POST /v1/password-resets/{id}/pin',
      'POST /v1/password-resets/{id}/resend',
      'POST /v1/password-resets/{id}/username',
      'POST /v1/plan-changes',
      'POST /v1/plan-changes/next',
      'POST /v1/plan-changes/{id}/claim',
      'POST /v1/plan-changes/{id}/complete',
      'POST /v1/plan-changes/{id}/facilitator',
      'POST /v1/plan-changes/{id}/redetermination',
      'POST /v1/plan-changes/{id}/refer',
      'POST /v1/plan-changes/{id}/release',
      'POST /v1/plan-changes/{id}/reversal',
      'POST /v1/plan-changes/{id}/withdraw',
      'POST /v1/portals/broker/password-resets',
      'POST /v1/portals/broker/registrations',
      'POST /v1/portals/broker/registrations/checks',
      'POST /v1/portals/broker/registrations/verifications',
      'POST /v1/portals/broker/username-reminders',
      'POST /v1/portals/member/password-resets',
      'POST /v1/portals/{portal}/password-changes',
      'POST /v1/portals/{portal}/sessions',
      'POST /v1/session/terms',
      'POST /v1/session/two-step',
      'POST /v1/session/two-step/code',
      'POST /v1/sign-ins/{id}/code',
      'POST /v1/sign-ins/{id}/resend',
    ]);
  });

  it('The OpenAPI document is 3.1, its references resolve, and its IDs and path parameters are consistent', () => {
    const text = JSON.stringify(api.document);
    const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
    const ids = operations().map(([, { operationId }]) => operationId);

    expect(api.document.openapi).toBe('3.1.0');
    for (const name of names) expect(api.document.components.schemas).toHaveProperty(name);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [name, operation] of operations()) {
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(declared.map((parameter) => parameter.name)).toEqual(
        [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter),
      );
      for (const requirement of operation.security) {
        for (const scheme of Object.keys(requirement)) {
          expect(api.document.components.securitySchemes).toHaveProperty(scheme);
        }
      }
    }
  });

  it('The OpenAPI document has patterns without flags and fixed lengths for lists of two', () => {
    const text = JSON.stringify(api.document);

    expect([...text.matchAll(/"pattern":"[^"]*\/[a-z]*"/g)]).toEqual([]);
    expect((api.document.components.schemas['SubmitAnswers'] as Json).properties.answers).toMatchObject({
      minItems: 2,
      maxItems: 2,
    });
  });

  it('The OpenAPI document publishes exactly the table of problem codes', () => {
    const schema = api.document.components.schemas['Problem'] as Json;

    expect(schema.properties.code.enum).toEqual(PROBLEM_CODES);
    expect(schema.properties.errors.items.properties.code.enum).toEqual(FIELD_CODES);
  });

  it('The OpenAPI document lists every problem code under its status, except method_not_allowed', () => {
    const told = new Set<string>();
    for (const [name, { responses }] of operations()) {
      for (const [status, response] of Object.entries(responses)) {
        const schema = response.content?.['application/problem+json']?.schema as Json;
        const codes: string[] = schema?.allOf[1].properties.code.enum ?? [];
        for (const code of codes) {
          told.add(code);
          expect([name, code, problemStatuses[code as keyof typeof problemStatuses]]).toEqual([
            name,
            code,
            Number(status),
          ]);
        }
      }
    }

    expect(PROBLEM_CODES.filter((code) => !told.has(code))).toEqual(['method_not_allowed']);
  });

  it('The OpenAPI document offers Idempotency-Key on every POST and nowhere else', () => {
    for (const [name, { parameters = [] }] of operations()) {
      const offered = parameters.some((parameter) => parameter.name === 'Idempotency-Key');
      expect([name, offered]).toEqual([name, name.startsWith('POST')]);
    }
  });
});

describe('/docs', () => {
  it.each([
    ['/docs', 'text/html'],
    ['/docs/problems', 'text/html'],
    ['/docs/tenure.css', 'text/css'],
    ['/docs/start.js', 'text/javascript'],
    ['/docs/swagger-ui.css', 'text/css'],
    ['/docs/swagger-ui-bundle.js', 'text/javascript'],
  ])('The documentation serves %s as %s, with scripts from its own origin only', async (path, type) => {
    const { status, headers } = await api.call('GET', path);

    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe(`${type}; charset=utf-8`);
    expect(headers.get('content-security-policy')).toContain("default-src 'none';script-src 'self'");
  });

  it('The documentation explains every problem code and every field code', async () => {
    const { body } = await api.call('GET', '/docs/problems');

    for (const code of PROBLEM_CODES) expect(body).toContain(`<tr id="${code}">`);
    for (const code of FIELD_CODES) expect(body).toContain(`<tr id="field-${code}">`);
  });
});
