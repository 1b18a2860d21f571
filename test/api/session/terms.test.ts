import { startApi, type Api } from '../api';
import { brand, portalPolicies } from '../../support/brand';

/** What a new version of the brokers' terms changes. */
const renewed = {
  policies: { ...portalPolicies, broker: { ...portalPolicies.broker, termsVersion: '2027-01' } },
  terms: {
    ...brand.terms,
    broker: { version: '2027-01', date: '2027-01-01', text: { en: '# Terms', es: '# Condiciones' } },
  },
};

let api: Api;
beforeEach(async () => (api = await startApi(renewed)));
afterEach(() => api.close());

const signIn = async (portal = 'broker', on = api) =>
  (
    await on.call('POST', `/v1/portals/${portal}/sessions`, {
      body: { username: 'maria.lopez', password: 'Sunny_day7' },
    })
  ).body;

it('The current terms of a portal are told in the caller’s language', async () => {
  const get = (portal: string, language: string) =>
    api.call('GET', `/v1/portals/${portal}/terms`, { headers: { 'accept-language': language } });

  const spanish = await get('broker', 'es-MX, en;q=0.5');
  const member = await get('member', 'de');

  expect(spanish.status).toBe(200);
  expect(spanish.headers.get('content-language')).toBe('es');
  expect(spanish.body).toEqual({ version: '2027-01', date: '2027-01-01', text: '# Condiciones' });
  expect(member.body).toEqual({
    version: '2026-01',
    date: '2026-01-01',
    text: brand.terms.member.text['en'],
  });
});

it('A broker is asked for a new version when signing in, until it is accepted', async () => {
  const { id } = api.accounts.add({ portal: 'broker', termsVersion: '2026-01' });
  const { token, termsToAccept } = await signIn();
  const before = await api.call('GET', '/v1/session', { token });

  const accepted = await api.call('POST', '/v1/session/terms', { token, body: { version: '2027-01' } });

  expect([termsToAccept, before.body.termsToAccept]).toEqual(['2027-01', '2027-01']);
  expect(accepted).toMatchObject({ status: 204 });
  expect(api.accepted).toEqual([
    { accountId: id, version: '2027-01', atMs: api.nowMs.value, address: expect.any(String) },
  ]);
  expect((await api.call('GET', '/v1/session', { token })).body).not.toHaveProperty('termsToAccept');
  expect(await signIn()).not.toHaveProperty('termsToAccept');
});

it('A broker who has accepted the current version is asked for nothing, and neither is a member', async () => {
  const current = await startApi();
  current.accounts.add({ portal: 'broker' });
  api.accounts.add({ portal: 'member' });

  expect(await signIn('broker', current)).toEqual({
    token: expect.any(String),
    expiresAt: expect.any(String),
    idleExpiresAt: expect.any(String),
    account: expect.any(Object),
  });
  expect(await signIn('member')).not.toHaveProperty('termsToAccept');
  await current.close();
});

it.each(['2026-01', '2028-01', 'any'])('No other version can be accepted: %s', async (version) => {
  api.accounts.add({ portal: 'broker', termsVersion: '2026-01' });
  const { token } = await signIn();

  const refused = await api.call('POST', '/v1/session/terms', { token, body: { version } });

  expect(refused).toMatchObject({
    status: 422,
    body: {
      code: 'invalid_fields',
      errors: [{ pointer: '/version', code: 'not_current_terms' }],
    },
  });
  expect(api.accepted).toEqual([]);
});

it('A member has no terms to accept, and nobody accepts any without a session', async () => {
  api.accounts.add({ portal: 'member' });
  const { token } = await signIn('member');
  const accept = (options: { token?: string }) =>
    api.call('POST', '/v1/session/terms', { ...options, body: { version: '2027-01' } });

  expect(await accept({ token })).toMatchObject({ status: 404 });
  expect(await accept({})).toMatchObject({ status: 401 });
  expect(api.accepted).toEqual([]);
});
