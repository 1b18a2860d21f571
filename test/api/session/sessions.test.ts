import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
import { startApi, type Api } from '../api';
import { portalPolicies, withMemberPasswordDays } from '../../support/brand';

let api: Api;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const SIGN_IN = '/v1/portals/member/sessions';
const right = { username: 'maria.lopez', password: 'Sunny_day7' };

describe('Sign-in', () => {
  it('A sign-in is answered 201 with a 32-byte token that is valid for 8 hours', async () => {
    const { id } = api.accounts.add();

    const { status, body } = await api.call('POST', SIGN_IN, { body: right });

    expect(status).toBe(201);
    expect(body).toEqual({
      token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      expiresAt: '2026-03-02T23:00:00.000Z',
      idleExpiresAt: '2026-03-02T15:15:00.000Z',
      account: { id, username: 'maria.lopez', firstName: 'Maria' },
    });
  });

  it('A session stores the digest of its token, not the token', async () => {
    api.accounts.add();

    const { body } = await api.call('POST', SIGN_IN, { body: right });

    expect([...api.sessions.all.keys()]).not.toContain(body.token);
  });

  it.each([
    ...['maria.fernanda.gonzalez@example.com', '123456789', "o'brien77", 'ana+plan', 'josé.ruiz', 'ana ruiz'],
    ...['abc', '5551234567', 'x'.repeat(254)],
  ])('A username from an older system can sign in and change its password: %s', async (username) => {
    api.accounts.add({ username });
    const typed = { ...right, username: ` ${username.toUpperCase().normalize('NFD')} ` };

    const signedIn = await api.call('POST', SIGN_IN, { body: typed });
    const changed = await api.call('POST', '/v1/portals/member/password-changes', {
      body: {
        username: typed.username,
        currentPassword: right.password,
        password: 'Rainy_day8',
        confirmation: 'Rainy_day8',
      },
    });

    expect([signedIn.status, changed.status]).toEqual([201, 204]);
    expect(signedIn.body.account.username).toBe(username);
  });

  it('A sign-in ignores letter case in the username, but takes the password as typed', async () => {
    api.accounts.add();

    expect(await api.call('POST', SIGN_IN, { body: { ...right, username: ' MARIA.Lopez ' } })).toMatchObject({
      status: 201,
    });
    for (const password of ['sunny_day7', ' Sunny_day7', 'Sunny_day7 ']) {
      expect(await api.call('POST', SIGN_IN, { body: { ...right, password } })).toMatchObject({
        status: 401,
      });
    }
  });

  it('A wrong password, an unknown person and a person without a password get the same answer', async () => {
    api.accounts.add();
    api.accounts.add({ username: 'newcomer', email: 'new@example.com', credential: null });

    const answers = [
      await api.call('POST', SIGN_IN, { body: { ...right, password: 'Wrong_day7' } }),
      await api.call('POST', SIGN_IN, { body: { ...right, username: 'nobody' } }),
      await api.call('POST', SIGN_IN, { body: { ...right, username: 'newcomer' } }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(answers.map(({ body }) => body)).toEqual(Array(3).fill(answers[0]?.body));
    expect(answers[0]?.body.code).toBe('credentials_wrong');
  });

  it('A sign-in compares a password even for an unknown person', async () => {
    const compared: string[] = [];
    await api.close();
    api = await startApi({
      hasher: {
        hash: async () => '',
        verify: async () => false,
        verifyNobody: async (password) => {
          compared.push(password);
          return false;
        },
      },
    });

    await api.call('POST', SIGN_IN, { body: { ...right, username: 'nobody' } });

    expect(compared).toEqual(['Sunny_day7']);
  });

  it('An expired password is reported only to a person who knows it', async () => {
    const setAtMs = api.nowMs.value - 90 * DAY_MS;
    api.accounts.add({ portal: 'broker', setAtMs });
    const signIn = (password: string): ReturnType<Api['call']> =>
      api.call('POST', '/v1/portals/broker/sessions', { body: { ...right, password } });

    expect(await signIn('Sunny_day7')).toMatchObject({ status: 403, body: { code: 'password_expired' } });
    expect(await signIn('Wrong_day7')).toMatchObject({ status: 401, body: { code: 'credentials_wrong' } });
  });

  it.each([
    ['a millisecond before its 90 days are over', -1, 201, 200],
    ['from the very moment they are over', 0, 403, 401],
  ])(
    'Signing in and using a session depend on the password’s 90 days: %s',
    async (_when, offsetMs, signsIn, session) => {
      const endsAtMs = api.nowMs.value + 60_000;
      api.accounts.add({ portal: 'broker', setAtMs: endsAtMs - 90 * DAY_MS });
      const signIn = (): ReturnType<Api['call']> =>
        api.call('POST', '/v1/portals/broker/sessions', { body: right });
      const { token } = (await signIn()).body;

      api.nowMs.value = endsAtMs + offsetMs;

      expect(await signIn()).toMatchObject({ status: signsIn });
      expect(await api.call('GET', '/v1/session', { token })).toMatchObject({ status: session });
    },
  );

  it.each([
    ['broker', '2026-05-30T15:00:00.000Z'],
    ['member', null],
  ] as const)('A session of a %s says when its password ends: %s', async (portal, passwordExpiresAt) => {
    api.accounts.add({ portal, setAtMs: api.nowMs.value - DAY_MS });
    const { token } = (await api.call('POST', `/v1/portals/${portal}/sessions`, { body: right })).body;

    expect((await api.call('GET', '/v1/session', { token })).body).toMatchObject({ passwordExpiresAt });
  });

  it('A member’s password expires only if a setting says so', async () => {
    api.accounts.add({ setAtMs: api.nowMs.value - 3650 * DAY_MS });
    const off = await api.call('POST', SIGN_IN, { body: right });
    await api.close();

    api = await startApi({ policies: withMemberPasswordDays(90) });
    api.accounts.add({ setAtMs: api.nowMs.value - 90 * DAY_MS });

    expect(off.status).toBe(201);
    expect(await api.call('POST', SIGN_IN, { body: right })).toMatchObject({
      status: 403,
      body: { code: 'password_expired' },
    });
    expect((await api.call('GET', '/v1/portals/member')).body.password.lifetimeDays).toBe(90);
  });

  it('A member’s credentials do not work in the broker portal', async () => {
    api.accounts.add();

    expect(await api.call('POST', '/v1/portals/broker/sessions', { body: right })).toMatchObject({
      status: 401,
    });
  });

  it('A sign-in accepts only applications of its portal', async () => {
    api.accounts.add();
    api.accounts.add({ portal: 'broker', setAtMs: api.nowMs.value });
    const body = { ...right, application: 'express-app' };

    const refused = await api.call('POST', SIGN_IN, { body });
    const { body: session } = await api.call('POST', '/v1/portals/broker/sessions', { body });

    expect(refused).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/application', code: 'not_one_of' }] },
    });
    expect(await api.call('GET', '/v1/session', { token: session.token })).toMatchObject({
      body: { application: 'express-app' },
    });
  });
});

describe('Limit of wrong passwords', () => {
  it('Too many wrong passwords block one address for one username, and nothing else', async () => {
    api.accounts.add();
    api.limiter.sizes['wrong-passwords'] = 2;
    const signIn = (username: string, password: string, address: string): ReturnType<Api['call']> =>
      api.call('POST', SIGN_IN, { body: { username, password }, headers: { 'x-forwarded-for': address } });
    await signIn('maria.lopez', 'Wrong_day1', '192.0.2.1');
    await signIn('MARIA.LOPEZ', 'Wrong_day2', '192.0.2.1');

    const blocked = await signIn('maria.lopez', 'Sunny_day7', '192.0.2.1');

    expect(blocked).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
    expect(blocked.headers.get('retry-after')).toBe('2');
    expect(await signIn('maria.lopez', 'Sunny_day7', '192.0.2.2')).toMatchObject({ status: 201 });
    expect(await signIn('someone.else', 'Wrong_day1', '192.0.2.1')).toMatchObject({ status: 401 });
  });

  it('Wrong passwords are counted before the comparison, so concurrent tries gain nothing', async () => {
    api.accounts.add();
    api.limiter.sizes['wrong-passwords'] = 3;

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        api.call('POST', SIGN_IN, { body: { ...right, password: `Wrong_${i}` } }),
      ),
    );

    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(17);
  });

  it('Right passwords do not count towards the limit of wrong ones', async () => {
    api.accounts.add();
    api.limiter.sizes['wrong-passwords'] = 1;

    for (let i = 0; i < 5; i++) {
      expect(await api.call('POST', SIGN_IN, { body: right })).toMatchObject({ status: 201 });
    }
  });
});

describe('Session', () => {
  const signIn = async (): Promise<string> =>
    (await api.call('POST', SIGN_IN, { body: right })).body.token as string;

  it('A session returns its account, application and expiry', async () => {
    const { id } = api.accounts.add();
    const token = await signIn();

    expect(await api.call('GET', '/v1/session', { token })).toMatchObject({
      status: 200,
      body: {
        account: { id, username: 'maria.lopez', firstName: 'Maria' },
        application: 'portal',
        startedAt: '2026-03-02T15:00:00.000Z',
        from: '127.0.0.x',
        expiresAt: '2026-03-02T23:00:00.000Z',
        idleExpiresAt: '2026-03-02T15:15:00.000Z',
      },
    });
  });

  it('A session returns no hash, email address, credential or history', async () => {
    api.accounts.add();

    const { body } = await api.call('GET', '/v1/session', { token: await signIn() });

    expect(JSON.stringify(body)).not.toMatch(/hash|email|credential|history/);
  });

  it('A session ends when the user signs out', async () => {
    api.accounts.add();
    const token = await signIn();

    expect(await api.call('DELETE', '/v1/session', { token })).toMatchObject({ status: 204, body: '' });
    expect(await api.call('GET', '/v1/session', { token })).toMatchObject({ status: 401 });
    expect(await api.call('DELETE', '/v1/session', { token })).toMatchObject({ status: 401 });
  });

  it('A session ends after 8 hours, however often it is used', async () => {
    api.accounts.add();
    const token = await signIn();
    const used = async (): Promise<number> => (await api.call('GET', '/v1/session', { token })).status;
    const endsAtMs = api.nowMs.value + 8 * HOUR_MS;
    while (api.nowMs.value + 14 * MINUTE_MS < endsAtMs) {
      api.nowMs.value += 14 * MINUTE_MS;
      expect(await used()).toBe(200);
    }
    api.nowMs.value = endsAtMs - 1;
    expect(await used()).toBe(200);

    api.nowMs.value = endsAtMs;

    expect(await api.call('GET', '/v1/session', { token })).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
  });

  it('A session ends after 15 minutes without use, and asking whether it does is no use of it', async () => {
    api.accounts.add();
    const token = await signIn();
    const get = (query = '') => api.call('GET', `/v1/session${query}`, { token });
    api.nowMs.value += 10 * MINUTE_MS;

    const peeked = await get('?peek=true');
    const used = await get();
    api.nowMs.value += 15 * MINUTE_MS - 1;
    const inTime = await get('?peek=true');
    api.nowMs.value += 1;

    expect(peeked.body.idleExpiresAt).toBe('2026-03-02T15:15:00.000Z');
    expect(used.body.idleExpiresAt).toBe('2026-03-02T15:25:00.000Z');
    expect(inTime.body).toEqual(used.body);
    expect(await get('?peek=true')).toMatchObject({ status: 401 });
    expect(await get()).toMatchObject({ status: 401 });
  });

  it('A use of a session is recorded once a minute', async () => {
    api.accounts.add();
    const token = await signIn();
    const useAfter = async (ms: number): Promise<number> => {
      api.nowMs.value += ms;
      await api.call('GET', '/v1/session/sign-ins', { token });
      return api.sessions.renewals;
    };

    expect(await useAfter(MINUTE_MS - 1)).toBe(0);
    expect(await useAfter(1)).toBe(1);
    expect(await useAfter(MINUTE_MS - 1)).toBe(1);
  });

  it('A changed rule of a portal counts from a session’s next use on', async () => {
    api.accounts.add();
    const policies = { ...portalPolicies };
    await api.close();
    api = await startApi({ policies });
    api.accounts.add();
    const token = await signIn();
    const end = async () => (await api.call('GET', '/v1/session', { token })).body.idleExpiresAt;

    policies.member = { ...policies.member, sessionIdleMinutes: null };
    expect(await end()).toBeNull();
    policies.member = { ...policies.member, sessionIdleMinutes: 5 };
    expect(await end()).toBe('2026-03-02T15:05:00.000Z');
  });

  it.each(['peek=yes', 'peek=true&peek=false'])('A session is not shown for ?%s', async (query) => {
    api.accounts.add();

    expect(await api.call('GET', `/v1/session?${query}`, { token: await signIn() })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: 'query:peek' }] },
    });
  });

  it('The last ten sign-ins of an account are told, newest first, with networks instead of addresses', async () => {
    api.accounts.add();
    api.accounts.add({ username: 'somebody.else' });
    const from = async (address: string, username = right.username): Promise<string> => {
      api.nowMs.value += MINUTE_MS;
      const headers = { 'x-forwarded-for': address };
      return (await api.call('POST', SIGN_IN, { body: { ...right, username }, headers })).body.token;
    };
    for (let i = 1; i <= 9; i++) await from(`203.0.113.${i}`);
    const token = await from('2001:db8:5:6:7::8');
    await from('198.51.100.1', 'somebody.else');
    const ended = await from('192.0.2.200');
    await api.call('DELETE', '/v1/session', { token: ended });

    const { status, body } = await api.call('GET', '/v1/session/sign-ins', { token });

    expect(status).toBe(200);
    expect(body.signIns).toHaveLength(10);
    expect(body.signIns.slice(0, 3)).toEqual([
      {
        at: '2026-03-02T15:12:00.000Z',
        application: 'portal',
        address: '192.0.2.x',
        current: false,
        ended: true,
      },
      {
        at: '2026-03-02T15:10:00.000Z',
        application: 'portal',
        address: '2001:db8:5::/48',
        current: true,
        ended: false,
      },
      {
        at: '2026-03-02T15:09:00.000Z',
        application: 'portal',
        address: '203.0.113.x',
        current: false,
        ended: false,
      },
    ]);
    expect(JSON.stringify(body)).not.toMatch(/digest|token|203\.0\.113\.\d/);
  });

  it('Signing out everywhere ends every session of the account, and is audited', async () => {
    const { id } = api.accounts.add();
    api.accounts.add({ username: 'somebody.else' });
    const [token, elsewhere] = [await signIn(), await signIn()];
    const { body: others } = await api.call('POST', SIGN_IN, {
      body: { ...right, username: 'somebody.else' },
    });

    expect(await api.call('DELETE', '/v1/session/all', { token })).toMatchObject({ status: 204, body: '' });

    const statusOf = async (each: string) => (await api.call('GET', '/v1/session', { token: each })).status;
    expect([await statusOf(token), await statusOf(elsewhere)]).toEqual([401, 401]);
    expect(await statusOf(others.token)).toBe(200);
    expect(api.events.at(-1)).toMatchObject({
      action: 'signed-out-everywhere',
      outcome: 'success',
      accountId: id,
    });
  });

  it('A session ends when its password expires', async () => {
    api.accounts.add({ portal: 'broker', setAtMs: api.nowMs.value - 90 * DAY_MS + 1000 });
    const { body } = await api.call('POST', '/v1/portals/broker/sessions', { body: right });
    expect(await api.call('GET', '/v1/session', { token: body.token })).toMatchObject({ status: 200 });

    api.nowMs.value += 1000;

    expect(await api.call('GET', '/v1/session', { token: body.token })).toMatchObject({ status: 401 });
  });

  it('A session requires a valid token', async () => {
    expect(await api.call('GET', '/v1/session')).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
    expect(await api.call('GET', '/v1/session', { token: 'never-made' })).toMatchObject({ status: 401 });
  });
});
