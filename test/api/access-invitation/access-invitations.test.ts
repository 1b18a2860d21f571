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

describe('issuing an access code', () => {
  it('answers 201 with when it expires, without the code', async () => {
    const { key } = api.apiKeys.create('accounts');

    const { status, body } = await issue(key);

    expect(status).toBe(201);
    expect(body).toEqual({ id: expect.any(String), expiresAt: '2026-03-16T15:00:00.000Z' });
  });

  it('keeps the digest of a code that its id and a pepper give, and who issued it', async () => {
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

  it('announces the email before it writes, and writes nothing when it cannot', async () => {
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
  ])('sends nobody a code who registered with an earlier one: they sign in (%s)', async (email, written) => {
    const { key } = api.apiKeys.create('accounts');
    const { code } = await invite(api, { ...person, email });
    await registerWith(api, { lastName: person.lastName, accessCode: code }, { email });
    const announced = api.notices.length;

    const again = await issue(key, { ...person, email: written });

    expect(again).toMatchObject({ status: 409, body: { code: 'already_registered' } });
    expect(api.notices).toHaveLength(announced);
  });

  it('issues one code for the same request sent twice', async () => {
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
  ])('names the field that cannot be accepted: %j', async (body, entry) => {
    expect(entries(await issue(api.apiKeys.create('accounts').key, body))).toEqual([entry]);
    expect(api.notices).toEqual([]);
  });
});

describe('an API key', () => {
  it('is needed, and a session or a revoked key is none', async () => {
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

  it('needs the scope of the call', async () => {
    const { key } = api.apiKeys.create('intake', 'unit', 'audit', 'ops');

    expect(await issue(key)).toMatchObject({ status: 403, body: { code: 'scope_missing' } });
  });

  it('is looked at before the body', async () => {
    expect(await issue('nonsense', {})).toMatchObject({ status: 401 });
    expect(await issue(api.apiKeys.create('intake').key, {})).toMatchObject({ status: 403 });
  });

  it('is declared in the OpenAPI document with the scope it needs', () => {
    expect(api.document.paths[INVITATIONS]?.['post']?.security).toEqual([{ apiKey: ['accounts'] }]);
    expect(api.document.components.securitySchemes['apiKey']).toMatchObject({
      type: 'http',
      scheme: 'bearer',
    });
  });

  it('opens no session', async () => {
    expect(await api.call('GET', '/v1/session', { token: api.apiKeys.create('accounts').key })).toMatchObject(
      {
        status: 401,
      },
    );
  });
});
