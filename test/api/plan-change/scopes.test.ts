/** Who may call what about plan changes and agents of record, and with which methods. */
import type { Scope } from '../../../src/contracts/scopes';
import { brand } from '../../support/brand';
import { startApi, type Api } from '../api';
import { fakeDigests } from '../fakes';

const SCOPES: readonly Scope[] = ['accounts', 'audit', 'intake', 'unit'];
const ID = '4b0d7c1e-27f4-4f0a-9f5f-1c9e0f6f2f10';

const routes: [method: string, path: string, scopes: Scope[]][] = [
  ['POST', '/v1/plan-changes', ['intake']],
  ['GET', '/v1/plan-changes', ['intake', 'unit']],
  ['POST', '/v1/plan-changes/next', ['unit']],
  ['GET', `/v1/plan-changes/${ID}`, ['intake', 'unit']],
  ['POST', `/v1/plan-changes/${ID}/claim`, ['unit']],
  ['POST', `/v1/plan-changes/${ID}/release`, ['unit']],
  ['POST', `/v1/plan-changes/${ID}/refer`, ['intake']],
  ['POST', `/v1/plan-changes/${ID}/facilitator`, ['intake']],
  ['POST', `/v1/plan-changes/${ID}/complete`, ['intake', 'unit']],
  ['POST', `/v1/plan-changes/${ID}/withdraw`, ['intake', 'unit']],
  ['POST', `/v1/plan-changes/${ID}/reversal`, ['intake']],
  ['POST', `/v1/plan-changes/${ID}/redetermination`, ['audit']],
  ['GET', '/v1/customers/C-1/agent-of-record', ['audit', 'intake', 'unit']],
  ['GET', '/v1/agents/20417/customers', ['audit']],
  ['GET', '/v1/agents/20417/commissions', ['audit']],
];

let api: Api;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

describe.each(routes)('%s %s', (method, path, scopes) => {
  it(`${method} ${path} requires a valid API key`, async () => {
    const { key: token } = api.apiKeys.create(...scopes);
    api.apiKeys.revoke(token);

    const answers = [
      await api.call(method, path),
      await api.call(method, path, { token }),
      await api.call(method, path, { headers: { authorization: `Basic ${fakeDigests.tokenDigest('a:b')}` } }),
    ];

    for (const { status, body } of answers) expect([status, body.code]).toEqual([401, 'unauthorized']);
  });

  it(`${method} ${path} accepts only the scopes ${scopes.join(' and ')}, and says so in both languages`, async () => {
    for (const scope of SCOPES) {
      const { key: token } = api.apiKeys.create(scope);
      for (const language of ['en', 'es'] as const) {
        const headers = { 'accept-language': language };
        const { status, body } = await api.call(method, path, { token, headers });
        if (scopes.includes(scope)) expect(body.code).not.toBe('scope_missing');
        else
          expect([status, body]).toEqual([
            403,
            expect.objectContaining({
              code: 'scope_missing',
              title: brand.texts.text(language, 'problems.scope_missing.title'),
              detail: brand.texts.text(language, 'problems.scope_missing.detail'),
            }),
          ]);
      }
    }
    const others = SCOPES.filter((scope) => !scopes.includes(scope));
    const { status } = await api.call(method, path, { token: api.apiKeys.create(...others).key });
    expect(status).toBe(403);
  });
});

it.each([
  ['PUT', '/v1/plan-changes', 'POST, GET, HEAD'],
  ['DELETE', `/v1/plan-changes/${ID}`, 'GET, HEAD'],
  ['PATCH', `/v1/plan-changes/${ID}`, 'GET, HEAD'],
  ['GET', '/v1/plan-changes/next', 'POST'],
  ...['claim', 'release', 'refer', 'facilitator', 'complete', 'withdraw', 'reversal', 'redetermination'].map(
    (move) => [...['GET', `/v1/plan-changes/${ID}/${move}`, 'POST']],
  ),
  ['POST', '/v1/customers/C-1/agent-of-record', 'GET, HEAD'],
  ['DELETE', '/v1/agents/20417/customers', 'GET, HEAD'],
])('%s %s is answered 405 with the allowed methods: %s', async (method, path, allow) => {
  const { status, body, headers } = await api.call(method, path);

  expect([status, body.code, headers.get('allow')]).toEqual([405, 'method_not_allowed', allow]);
});

it.each(['claim/', 'complete/1', 'take', 'Claim'])(
  'POST /v1/plan-changes/ID/%s is answered 404',
  async (move) => {
    const { key: token } = api.apiKeys.create('intake', 'unit');

    expect(await api.call('POST', `/v1/plan-changes/${ID}/${move}`, { token, body: {} })).toMatchObject({
      status: 404,
    });
  },
);
