import { startApi, type Api, type Called } from '../api';
import { entries, invite, INVITATIONS, registerWith } from '../registration/broker-calls';

let api: Api;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const person = { email: 'ana@example.com', firstName: 'Ana', lastName: 'de la Cruz' };
const issue = (token: string | undefined, body: object = person, headers = {}): Promise<Called> =>
  api.call('POST', INVITATIONS, { body, headers, ...(token !== undefined && { token }) });

describe('Issuing an invitation', () => {
  it('An invitation is answered 201 with its expiry, without its code', async () => {
    const { key } = api.apiKeys.create('accounts');

    const { status, body } = await issue(key);

    expect(status).toBe(201);
    expect(body).toEqual({ id: expect.any(String), expiresAt: '2026-03-16T15:00:00.000Z' });
  });

  it('An invitation stores the digest of its code and the API key that issued it', async () => {
    const { key, id: keyId } = api.apiKeys.create('accounts');

    const { body } = await issue(key);

    expect([...api.brokers.issued.values()]).toEqual([
      {
        ...person,
        id: body.id,
        pepperId: 'p1',
        codeDigest: expect.stringMatching(/^code:T[2-9B-Z]{16}$/),
        createdAtMs: api.nowMs.value,
        expiresAtMs: Date.parse(body.expiresAt),
        createdBy: keyId,
        address: '127.0.0.1',
        used: false,
        replaced: false,
      },
    ]);
  });

  it('An invitation is announced by email, and is not stored if that fails', async () => {
    const { key } = api.apiKeys.create('accounts');
    const { body } = await issue(key);
    expect(api.notices).toEqual([body.id]);

    await api.close();
    api = await startApi({
      notices: {
        announceRegistered: async () => undefined,
        announcePasswordChanged: async () => undefined,
        announceUsernameReminded: async () => undefined,
        announceInvitation: async () => {
          throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
        },
      },
    });
    expect(await issue(api.apiKeys.create('accounts').key)).toMatchObject({ status: 503 });
    expect(api.brokers.issued.size).toBe(0);
  });

  it.each([
    [person.email, person.email],
    ['jos\u00e9@xn--correo-mxico-ieb.example', 'jose\u0301@correo-m\u00e9xico.example'],
  ])('A person who registered with an earlier invitation gets no new code (%s)', async (email, written) => {
    const { key } = api.apiKeys.create('accounts');
    const { code } = await invite(api, { ...person, email });
    await registerWith(api, { lastName: person.lastName, accessCode: code }, { email });
    const announced = api.notices.length;

    const again = await issue(key, { ...person, email: written });

    expect(again).toMatchObject({ status: 409, body: { code: 'already_registered' } });
    expect(api.notices).toHaveLength(announced);
  });

  it('An invitation repeated under one Idempotency-Key is issued once', async () => {
    const { key } = api.apiKeys.create('accounts');
    const headers = { 'idempotency-key': 'ana' };

    const answers = [await issue(key, person, headers), await issue(key, person, headers)];

    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(api.brokers.issued.size).toBe(1);
  });

  it.each([
    [{ ...person, email: 'ana' }, '/email wrong_format'],
    [{ ...person, firstName: '' }, '/firstName required'],
    [{ ...person, lastName: '--' }, '/lastName wrong_format'],
    [{ ...person, lastName: 'Cr\u202euz' }, '/lastName hidden_character'],
    [{ ...person, code: 'T123' }, '/code unknown_field'],
  ])('An invitation with a malformed field is refused by field: %j', async (body, entry) => {
    expect(entries(await issue(api.apiKeys.create('accounts').key, body))).toEqual([entry]);
    expect(api.notices).toEqual([]);
  });
});

describe('API key', () => {
  it('An API key is required: a session token or a revoked key is refused', async () => {
    const { key } = api.apiKeys.create('accounts');
    api.apiKeys.revoke(key);
    api.accounts.add();
    const { body: session } = await api.call('POST', '/v1/portals/member/sessions', {
      body: { username: 'maria.lopez', password: 'Sunny_day7' },
    });

    for (const token of [undefined, 'nonsense', key, session.token]) {
      expect(await issue(token)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    }
  });

  it('An API key needs the scope of the call', async () => {
    const { key } = api.apiKeys.create('intake', 'unit', 'audit', 'ops');

    expect(await issue(key)).toMatchObject({ status: 403, body: { code: 'scope_missing' } });
  });

  it('An API key is checked before the body', async () => {
    expect(await issue('nonsense', {})).toMatchObject({ status: 401 });
    expect(await issue(api.apiKeys.create('intake').key, {})).toMatchObject({ status: 403 });
  });

  it('An API key is declared in the OpenAPI document with its required scope', () => {
    expect(api.document.paths[INVITATIONS]?.['post']?.security).toEqual([{ apiKey: ['accounts'] }]);
    expect(api.document.components.securitySchemes['apiKey']).toMatchObject({
      type: 'http',
      scheme: 'bearer',
    });
  });

  it('An API key is not accepted as a session token', async () => {
    expect(await api.call('GET', '/v1/session', { token: api.apiKeys.create('accounts').key })).toMatchObject(
      {
        status: 401,
      },
    );
  });
});
