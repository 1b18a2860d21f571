import { startApi, type Api, type Called } from '../api';

let api: Api;
beforeEach(async () => {
  api = await startApi();
  api.accounts.add();
});
afterEach(() => api.close());

const from = (address: string): { headers: Record<string, string> } => ({
  headers: { 'x-forwarded-for': address },
});
const open = (address: string, email = 'maria@example.com'): Promise<Called> =>
  api.call('POST', '/v1/portals/member/password-resets', { body: { email }, ...from(address) });

describe('Rate limits by address', () => {
  it('The request limit counts every call under /v1, including unknown routes', async () => {
    api.limiter.sizes.requests = 2;
    await api.call('GET', '/v1/portals/member', from('192.0.2.1'));
    await api.call('GET', '/v1/nothing', from('192.0.2.1'));

    const { status, body, headers } = await api.call('GET', '/v1/portals/member', from('192.0.2.1'));

    expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'too_many_requests', '2']);
    expect(await api.call('GET', '/v1/portals/member', from('192.0.2.2'))).toMatchObject({ status: 200 });
    expect(await api.call('GET', '/healthz', from('192.0.2.1'))).toMatchObject({ status: 200 });
  });

  it('Rate limits count IPv6 addresses by their /64', async () => {
    api.limiter.sizes['reset-openings'] = 1;
    await open('2001:db8:1:2::1');

    expect(await open('2001:db8:1:2::ffff')).toMatchObject({ status: 429 });
    expect(await open('2001:db8:1:3::1')).toMatchObject({ status: 202 });
  });

  it('Retry-After is at least one second', async () => {
    api.limiter.sizes.requests = 0;
    api.limiter.waitMs = 3;

    expect((await api.call('GET', '/v1/portals/member')).headers.get('retry-after')).toBe('1');
  });

  it('The limit of reset openings ignores refused input and replayed answers', async () => {
    api.limiter.sizes['reset-openings'] = 1;
    const body = { email: 'maria@example.com' };
    const again = { headers: { 'idempotency-key': 'k', 'x-forwarded-for': '192.0.2.1' }, body };
    await open('192.0.2.1', 'no-address');

    expect(await api.call('POST', '/v1/portals/member/password-resets', again)).toMatchObject({
      status: 202,
    });
    expect(await api.call('POST', '/v1/portals/member/password-resets', again)).toMatchObject({
      status: 202,
    });
    expect(await open('192.0.2.1')).toMatchObject({ status: 429 });
  });

  it('Proofs and sign-ins have separate rate limits', async () => {
    api.limiter.sizes.proofs = 1;
    api.limiter.sizes['sign-ins'] = 1;
    const { path, token } = await api.open();
    const pin = (): Promise<Called> => api.call('POST', `${path}/pin`, { token, body: { pin: '0000' } });
    const signIn = (): Promise<Called> =>
      api.call('POST', '/v1/portals/member/sessions', { body: { username: 'x', password: 'y' } });

    expect([(await pin()).status, (await signIn()).status]).toEqual([422, 401]);
    expect([(await pin()).status, (await signIn()).status]).toEqual([429, 429]);
  });

  it('Rate limits ignore forwarded addresses unless a proxy is trusted', async () => {
    await api.close();
    api = await startApi({ trustProxy: false });
    api.limiter.sizes.requests = 1;
    await api.call('GET', '/v1/portals/member', from('192.0.2.1'));

    expect(await api.call('GET', '/v1/portals/member', from('192.0.2.2'))).toMatchObject({ status: 429 });
  });
});
