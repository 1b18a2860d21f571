import { DAY_MS } from '../../../src/domain/time';
import { fakeHash } from '../fakes';
import { startApi, type Api } from '../api';

let api: Api;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const change = {
  username: 'maria.lopez',
  currentPassword: 'Sunny_day7',
  password: 'Rainy_day8',
  confirmation: 'Rainy_day8',
};
const post = (body: object, portal = 'member'): ReturnType<Api['call']> =>
  api.call('POST', `/v1/portals/${portal}/password-changes`, {
    body,
    headers: { 'x-forwarded-for': '192.0.2.7' },
  });

describe('Password change', () => {
  it('A password change is answered 204, ends every session and is announced by email', async () => {
    const { id, credential } = api.accounts.add();
    const { body: session } = await api.call('POST', '/v1/portals/member/sessions', {
      body: { username: 'maria.lopez', password: 'Sunny_day7' },
    });

    expect(await post(change)).toMatchObject({ status: 204, body: '' });

    expect(api.replaced).toEqual([
      {
        accountId: id,
        credentialId: api.notices[0],
        previousCredentialId: credential?.id,
        hash: fakeHash('Rainy_day8'),
        atMs: api.nowMs.value,
        address: '192.0.2.7',
      },
    ]);
    expect(await api.call('GET', '/v1/session', { token: session.token })).toMatchObject({ status: 401 });
  });

  it('An expired password can be changed', async () => {
    api.accounts.add({ portal: 'broker', setAtMs: api.nowMs.value - 100 * DAY_MS });

    expect(await post(change, 'broker')).toMatchObject({ status: 204 });
    expect(
      await api.call('POST', '/v1/portals/broker/sessions', {
        body: { username: 'maria.lopez', password: 'Rainy_day8' },
      }),
    ).toMatchObject({ status: 201 });
  });

  it.each([
    ['a wrong current password', { ...change, currentPassword: 'Wrong_day7' }],
    ['an unknown username', { ...change, username: 'nobody' }],
  ])('A password change with %s is answered 401, before the new password is checked', async (_, body) => {
    api.accounts.add();

    const answer = await post({ ...body, password: 'x' });

    expect(answer).toMatchObject({ status: 401, body: { code: 'credentials_wrong' } });
    expect([api.notices, api.replaced]).toEqual([[], []]);
  });

  it.each([
    ['Sunny_day7', 'used_before'],
    ['short1', 'too_short'],
    ['\u{1F436}doggie12', 'character_not_accepted'],
    ['Qwerty12', 'too_common'],
  ])('A password change to %j is refused: %s', async (password, code) => {
    api.accounts.add();

    const answer = await post({ ...change, password, confirmation: password });

    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'password_refused', errors: [{ pointer: '/password', code }] },
    });
    expect([api.notices, api.hashed]).toEqual([[], []]);
  });

  it('A password change is answered 401 when another change was faster', async () => {
    await api.close();
    api = await startApi({ replacer: { replace: async () => false } });
    api.accounts.add();

    expect(await post(change)).toMatchObject({ status: 401, body: { code: 'credentials_wrong' } });
  });

  it('Password changes and sign-ins share one count of wrong passwords', async () => {
    api.accounts.add();
    api.limiter.sizes['wrong-passwords'] = 1;
    await post({ ...change, currentPassword: 'Wrong_day7' });

    const answer = await api.call('POST', '/v1/portals/member/sessions', {
      body: { username: 'maria.lopez', password: 'Sunny_day7' },
      headers: { 'x-forwarded-for': '192.0.2.7' },
    });

    expect(answer).toMatchObject({ status: 429 });
  });
});
