import { AppError } from '../../../src/api/http/problems';
import { startApi, type Api, type Called, type Json } from '../api';

let api: Api;
beforeEach(async () => {
  api = await startApi();
  api.accounts.add();
});
afterEach(() => api.close());

const OPENING = '/v1/portals/member/password-resets';
const SECRET = 'maria.secret@example.com';
const open = (headers = {}): Promise<Called> =>
  api.call('POST', OPENING, { body: { email: SECRET }, headers });
const failWith = (error: unknown): void => {
  api.resets.openForMember = async () => {
    throw error;
  };
};

describe('an error nobody foresaw', () => {
  class TypedAddressError extends Error {
    override name = 'TypedAddressError';
    code = 'P2002';
  }

  it('is answered 500 with nothing of it in the answer', async () => {
    failWith(new TypedAddressError(`no such address: ${SECRET}\n    at ${SECRET} (evil.js:1:1)`));

    const { status, body } = await open();

    expect([status, body.code]).toEqual([500, 'internal']);
    expect(JSON.stringify(body)).not.toMatch(/secret|TypedAddress|P2002|\.ts|at /);
  });

  it('is logged by name, code and frames, without its message', async () => {
    const cause = new RangeError(`of ${SECRET}`);
    failWith(new TypedAddressError(`no such address: ${SECRET}\n    at ${SECRET} (evil.js:1:1)`, { cause }));

    const { headers } = await open();

    const line = api.logLines.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'unknown error');
    expect(line).toMatchObject({
      requestId: headers.get('x-request-id'),
      error: { name: 'TypedAddressError', code: 'P2002', cause: { name: 'RangeError' } },
    });
    expect(line.error.frames[0]).toMatch(/^at .*errors\.test\.ts:\d+:\d+\)?$/);
    expect(api.logLines.join('')).not.toContain('secret');
  });

  it.each([[null], [undefined], ['text'], [{ status: 418, type: 'x' }]])(
    'may be no error at all: %j',
    async (thrown) => {
      failWith(thrown);

      expect(await open()).toMatchObject({ status: 500, body: { code: 'internal' } });
    },
  );

  it('is one when an answer does not fit its schema', async () => {
    const openForMember = api.resets.openForMember;
    api.resets.openForMember = async (email) => {
      const result = await openForMember(email);
      return { ...result, reset: { ...(result as Json).reset, resetId: 'no uuid' } };
    };

    expect(await open()).toMatchObject({ status: 500, body: { code: 'internal' } });
  });
});

describe('something that is away', () => {
  it('is answered 503 when a starter says so, with its time to wait in whole seconds', async () => {
    failWith(new AppError('unavailable', { retryAfterSeconds: 1.2 }));

    const { status, body, headers } = await open({ 'accept-language': 'es' });

    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'unavailable', '2']);
    expect(body.title).toBe('El servicio no puede responder en este momento');
  });

  it('is answered 503 when it is the database, wherever it is missed first', async () => {
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    failWith(away);
    expect((await open()).headers.get('retry-after')).toBe('5');

    api.limiter.take = async () => {
      throw away;
    };
    expect(await open()).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(api.logLines.join('')).not.toContain('unknown error');
  });

  it('changes nothing when the email of a password change cannot be announced', async () => {
    await api.close();
    api = await startApi({
      notices: {
        announceRegistered: async () => undefined,
        announcePasswordChanged: async () => {
          throw new AppError('unavailable');
        },
        announceUsernameReminded: async () => undefined,
        announceInvitation: async () => undefined,
      },
    });
    api.accounts.add();

    const answer = await api.call('POST', '/v1/portals/member/password-changes', {
      body: {
        username: 'maria.lopez',
        currentPassword: 'Sunny_day7',
        password: 'Rainy_day8',
        confirmation: 'Rainy_day8',
      },
    });

    expect(answer.status).toBe(503);
    expect(api.replaced).toEqual([]);
  });
});

describe('a problem', () => {
  it('is RFC 9457 details whose type leads to its explanation', async () => {
    const { body, headers } = await api.call('GET', '/v1/session');

    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(body).toEqual({
      type: '/docs/problems#unauthorized',
      title: 'A valid token is needed',
      status: 401,
      code: 'unauthorized',
      detail: expect.any(String),
    });
    expect(await (await fetch(new URL(body.type, api.url))).text()).toContain('<tr id="unauthorized">');
  });

  it('is not kept by caches', async () => {
    expect((await api.call('GET', '/v1/nothing')).headers.get('cache-control')).toBe('no-store');
  });
});

describe('headers', () => {
  it('do not tell what the service is made of, and harden browsers', async () => {
    const { headers } = await api.call('GET', '/v1/portals/member');

    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toMatch(/max-age=/);
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
  });

  it.each(['abc-123_X.9', 'x'.repeat(64)])(
    'give back a request id that is a short word: %s',
    async (given) => {
      const { headers } = await api.call('GET', '/healthz', { headers: { 'x-request-id': given } });

      expect(headers.get('x-request-id')).toBe(given);
    },
  );

  it.each(['', 'x'.repeat(65), 'a b', '<script>', '{"a":1}'])(
    'make a new request id instead of %j',
    async (given) => {
      const { headers } = await api.call('GET', '/healthz', { headers: { 'x-request-id': given } });

      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});

describe('the log', () => {
  const requests = (): Record<string, unknown>[] =>
    api.logLines.map((text) => JSON.parse(text)).filter(({ msg }) => msg === 'request');

  it('has one line a request: the pattern of the route, not the URL', async () => {
    const { path, token } = await api.open(SECRET);
    api.logLines.length = 0;
    const { headers } = await api.call('GET', `${path}?email=${SECRET}`, { token });

    expect(requests()).toEqual([
      expect.objectContaining({
        requestId: headers.get('x-request-id'),
        method: 'GET',
        route: '/v1/password-resets/:id',
        status: 200,
        ms: expect.any(Number),
      }),
    ]);
  });

  it('holds no token, password, PIN, address or key of anybody', async () => {
    const { path, token } = await api.open(SECRET);
    await api.call('POST', `${path}/pin`, {
      token,
      body: { pin: '1785' },
      headers: { 'idempotency-key': 'very-own-key', 'x-forwarded-for': '203.0.113.99' },
    });
    await api.call('POST', '/v1/portals/member/sessions', {
      body: { username: SECRET, password: 'Sunny_day7' },
    });
    await api.call('GET', `/v1/${SECRET}`);

    expect(api.logLines.length).toBeGreaterThan(3);
    expect(api.logLines.join('')).not.toMatch(
      new RegExp(
        ['secret', token, '1785', 'Sunny', 'very-own-key', '203\\.0', path.split('/').at(-1)].join('|'),
      ),
    );
  });
});
