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

describe('Unexpected errors', () => {
  class TypedAddressError extends Error {
    override name = 'TypedAddressError';
    code = 'P2002';
  }

  it('An unexpected error is answered 500 without any of its details', async () => {
    failWith(new TypedAddressError(`no such address: ${SECRET}\n    at ${SECRET} (evil.js:1:1)`));

    const { status, body } = await open();

    expect([status, body.code]).toEqual([500, 'internal']);
    expect(JSON.stringify(body)).not.toMatch(/secret|TypedAddress|P2002|\.ts|at /);
  });

  it('An unexpected error is logged with name, code and frames, but without its message', async () => {
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
    'A thrown value that is not an Error is answered 500: %j',
    async (thrown) => {
      failWith(thrown);

      expect(await open()).toMatchObject({ status: 500, body: { code: 'internal' } });
    },
  );

  it('An answer that does not fit its schema is replaced by a 500', async () => {
    const openForMember = api.resets.openForMember;
    api.resets.openForMember = async (email) => {
      const result = await openForMember(email);
      return { ...result, reset: { ...(result as Json).reset, resetId: 'no uuid' } };
    };

    expect(await open()).toMatchObject({ status: 500, body: { code: 'internal' } });
  });
});

describe('Unavailable dependencies', () => {
  it('An unavailable dependency is answered 503 with Retry-After in whole seconds', async () => {
    failWith(new AppError('unavailable', { retryAfterSeconds: 1.2 }));

    const { status, body, headers } = await open({ 'accept-language': 'es' });

    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'unavailable', '2']);
    expect(body.title).toBe('El servicio no puede responder en este momento');
  });

  it('An unreachable database is answered 503, wherever it is needed first', async () => {
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    failWith(away);
    expect((await open()).headers.get('retry-after')).toBe('5');

    api.limiter.take = async () => {
      throw away;
    };
    expect(await open()).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(api.logLines.join('')).not.toContain('unknown error');
  });

  it('A password is not changed when its email cannot be announced', async () => {
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

describe('Problem details', () => {
  it('A problem follows RFC 9457, and its type links to its explanation', async () => {
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

  it('A problem must not be cached', async () => {
    expect((await api.call('GET', '/v1/nothing')).headers.get('cache-control')).toBe('no-store');
  });
});

describe('Response headers', () => {
  it('Response headers do not reveal the server software, and they harden browsers', async () => {
    const { headers } = await api.call('GET', '/v1/portals/member');

    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toMatch(/max-age=/);
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
  });

  it.each(['abc-123_X.9', 'x'.repeat(64)])('A short request ID is returned as given: %s', async (given) => {
    const { headers } = await api.call('GET', '/healthz', { headers: { 'x-request-id': given } });

    expect(headers.get('x-request-id')).toBe(given);
  });

  it.each(['', 'x'.repeat(65), 'a b', '<script>', '{"a":1}'])(
    'A malformed request ID is replaced by a new one: %j',
    async (given) => {
      const { headers } = await api.call('GET', '/healthz', { headers: { 'x-request-id': given } });

      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});

describe('Request log', () => {
  const requests = (): Record<string, unknown>[] =>
    api.logLines.map((text) => JSON.parse(text)).filter(({ msg }) => msg === 'request');

  it('The log has one line per request, with the route pattern instead of the URL', async () => {
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

  it('The log contains no token, password, PIN, address or idempotency key', async () => {
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
