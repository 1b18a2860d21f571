import { withMemberPasswordDays } from '../../../src/domain/portal';
import { DAY_MS, HOUR_MS } from '../../../src/domain/time';
import { startApi, type Api } from '../api';

let api: Api;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const SIGN_IN = '/v1/portals/member/sessions';
const right = { username: 'maria.lopez', password: 'Sunny_day7' };

describe('signing in', () => {
  it('answers 201 with a token of 32 bytes, for 8 hours', async () => {
    const { id } = api.accounts.add();

    const { status, body } = await api.call('POST', SIGN_IN, { body: right });

    expect(status).toBe(201);
    expect(body).toEqual({
      token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      expiresAt: '2026-03-02T23:00:00.000Z',
      account: { id, username: 'maria.lopez', firstName: 'Maria' },
    });
  });

  it('keeps the digest of the token, not the token', async () => {
    api.accounts.add();

    const { body } = await api.call('POST', SIGN_IN, { body: right });

    expect([...api.sessions.all.keys()]).not.toContain(body.token);
  });

  it.each([
    ...['maria.fernanda.gonzalez@example.com', '123456789', "o'brien77", 'ana+plan', 'josé.ruiz', 'ana ruiz'],
    ...['abc', '5551234567', 'x'.repeat(254)],
  ])('takes a username as an older system has it: %s', async (username) => {
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

  it('takes the username in any letter case, and the password as it was typed', async () => {
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

  it('answers a wrong password, an unknown person and a person without a password alike', async () => {
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

  it('compares something for people it does not know, too', async () => {
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

  it('tells of an expired password only to whoever knows it', async () => {
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
  ])('is possible, and a session good, %s', async (_when, offsetMs, signsIn, session) => {
    const endsAtMs = api.nowMs.value + 60_000;
    api.accounts.add({ portal: 'broker', setAtMs: endsAtMs - 90 * DAY_MS });
    const signIn = (): ReturnType<Api['call']> =>
      api.call('POST', '/v1/portals/broker/sessions', { body: right });
    const { token } = (await signIn()).body;

    api.nowMs.value = endsAtMs + offsetMs;

    expect(await signIn()).toMatchObject({ status: signsIn });
    expect(await api.call('GET', '/v1/session', { token })).toMatchObject({ status: session });
  });

  it('asks members for a new password only where a setting says so', async () => {
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

  it('stays apart from the other portal', async () => {
    api.accounts.add();

    expect(await api.call('POST', '/v1/portals/broker/sessions', { body: right })).toMatchObject({
      status: 401,
    });
  });

  it('opens only applications that the portal has', async () => {
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

describe('too many wrong passwords', () => {
  it('block this address for this username, and no other address or username', async () => {
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

  it('are counted before they are compared, so that many at once gain nothing', async () => {
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

  it('do not count right ones', async () => {
    api.accounts.add();
    api.limiter.sizes['wrong-passwords'] = 1;

    for (let i = 0; i < 5; i++) {
      expect(await api.call('POST', SIGN_IN, { body: right })).toMatchObject({ status: 201 });
    }
  });
});

describe('a session', () => {
  const signIn = async (): Promise<string> =>
    (await api.call('POST', SIGN_IN, { body: right })).body.token as string;

  it('tells whose it is', async () => {
    const { id } = api.accounts.add();
    const token = await signIn();

    expect(await api.call('GET', '/v1/session', { token })).toMatchObject({
      status: 200,
      body: {
        account: { id, username: 'maria.lopez', firstName: 'Maria' },
        application: 'portal',
        expiresAt: '2026-03-02T23:00:00.000Z',
      },
    });
  });

  it('tells nothing but what its schema says', async () => {
    api.accounts.add();

    const { body } = await api.call('GET', '/v1/session', { token: await signIn() });

    expect(JSON.stringify(body)).not.toMatch(/hash|email|credential|history/);
  });

  it('ends by signing out', async () => {
    api.accounts.add();
    const token = await signIn();

    expect(await api.call('DELETE', '/v1/session', { token })).toMatchObject({ status: 204, body: '' });
    expect(await api.call('GET', '/v1/session', { token })).toMatchObject({ status: 401 });
    expect(await api.call('DELETE', '/v1/session', { token })).toMatchObject({ status: 401 });
  });

  it('ends after its hours', async () => {
    api.accounts.add();
    const token = await signIn();
    api.nowMs.value += 8 * HOUR_MS;

    expect(await api.call('GET', '/v1/session', { token })).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
  });

  it('ends when its password expires', async () => {
    api.accounts.add({ portal: 'broker', setAtMs: api.nowMs.value - 90 * DAY_MS + 1000 });
    const { body } = await api.call('POST', '/v1/portals/broker/sessions', { body: right });
    expect(await api.call('GET', '/v1/session', { token: body.token })).toMatchObject({ status: 200 });

    api.nowMs.value += 1000;

    expect(await api.call('GET', '/v1/session', { token: body.token })).toMatchObject({ status: 401 });
  });

  it('needs a token', async () => {
    expect(await api.call('GET', '/v1/session')).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
    expect(await api.call('GET', '/v1/session', { token: 'never-made' })).toMatchObject({ status: 401 });
  });
});
