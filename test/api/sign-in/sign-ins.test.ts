import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
import { startApi, type Api, type Called } from '../api';
import { withMemberPasswordDays } from '../../support/brand';
import { fakeDigests, type FakeAccount } from '../fakes';

let api: Api;
let maria: FakeAccount;
beforeEach(async () => {
  api = await startApi();
  maria = api.accounts.add({ twoStep: true });
});
afterEach(() => api.close());

const PASSWORD = 'Sunny_day7';

const withPassword = (password = PASSWORD, username = 'maria.lopez'): Promise<Called> =>
  api.call('POST', '/v1/portals/member/sessions', { body: { username, password } });

async function waiting(): Promise<{ path: string; token: string }> {
  const { body } = await withPassword();
  return { path: `/v1/sign-ins/${body.id}`, token: body.token };
}

const enter = (signIn: { path: string; token: string }, code: string): Promise<Called> =>
  api.call('POST', `${signIn.path}/code`, { token: signIn.token, body: { code } });

async function signedIn(): Promise<string> {
  const { body } = await enter(await waiting(), '141785');
  return body.token;
}

describe('Signing in with two-step verification', () => {
  it('The right password sends a code and begins no session', async () => {
    const { status, body, headers } = await withPassword();

    expect(status).toBe(202);
    expect(body).toEqual({
      id: expect.any(String),
      stage: 'code',
      sentTo: 'm***@example.com',
      expiresAt: '2026-03-02T15:10:00.000Z',
      resendAvailableAt: '2026-03-02T15:00:45.000Z',
      triesLeft: 3,
      token: expect.any(String),
    });
    expect(headers.get('location')).toBe(`/v1/sign-ins/${body.id}`);
    expect(api.sessions.all.size).toBe(0);
    expect(await api.call('GET', '/v1/session', { token: body.token })).toMatchObject({ status: 401 });
  });

  it('A wrong password sends none, and is answered and compared as without two-step verification', async () => {
    api.accounts.add({ username: 'ana.silva' });

    const answers = [
      await withPassword('Wrong_day7'),
      await withPassword('Wrong_day7', 'ana.silva'),
      await withPassword('Wrong_day7', 'nobody'),
    ];

    for (const { status, body } of answers) expect([status, body]).toEqual([401, answers[0]!.body]);
    expect(api.compared).toEqual(['Wrong_day7', 'Wrong_day7']);
    expect(api.signIns.all).toEqual([]);
  });

  it('An expired password is refused before any code is sent', async () => {
    const { accounts, signIns, call, close } = await startApi({ policies: withMemberPasswordDays(90) });
    accounts.add({ setAtMs: 0, twoStep: true });

    const { status, body } = await call('POST', '/v1/portals/member/sessions', {
      body: { username: 'maria.lopez', password: PASSWORD },
    });

    expect([status, body.code]).toEqual([403, 'password_expired']);
    expect(signIns.all).toEqual([]);
    await close();
  });

  it('The code begins the session, answered as signing in always was', async () => {
    const { status, body } = await enter(await waiting(), ' 141785 ');

    expect(status).toBe(201);
    expect(body).toEqual({
      token: expect.any(String),
      expiresAt: '2026-03-02T23:00:00.000Z',
      idleExpiresAt: '2026-03-02T15:15:00.000Z',
      account: { id: maria.id, username: 'maria.lopez', firstName: 'Maria' },
    });
    expect(await api.call('GET', '/v1/session', { token: body.token })).toMatchObject({
      status: 200,
      body: { application: 'portal', account: { id: maria.id, twoStep: true } },
    });
    expect([...api.sessions.all.values()]).toMatchObject([
      { credentialId: maria.credential!.id, addressKey: '127.0.0.1' },
    ]);
    expect(api.events.map(({ action, outcome, accountId }) => [action, outcome, accountId])).toEqual([
      ['sign-in-code-requested', 'success', maria.id],
      ['signed-in', 'success', maria.id],
    ]);
  });

  it('A code begins one session: again it is over, and repeated with its key it is the same', async () => {
    const signIn = await waiting();
    const headers = { 'idempotency-key': 'once' };
    const call = { token: signIn.token, body: { code: '141785' }, headers };
    const create = api.sessions.create;
    api.sessions.create = async (...args) => {
      api.sessions.create = create;
      await create(...args);
      throw Object.assign(new Error(), { code: 'ECONNREFUSED' });
    };

    const lost = await api.call('POST', `${signIn.path}/code`, call);
    const repeated = await api.call('POST', `${signIn.path}/code`, call);
    const another = await enter(signIn, '141785');

    expect([lost.status, repeated.status, another.status]).toEqual([503, 201, 410]);
    expect(another.body.code).toBe('sign_in_expired');
    expect(api.sessions.all.size).toBe(1);
  });

  it('Wrong codes are counted down, then only a new code helps', async () => {
    const signIn = await waiting();
    const wrong = [
      await enter(signIn, '000000'),
      await enter(signIn, '000000'),
      await enter(signIn, '000000'),
    ];
    const right = await enter(signIn, '141785');
    api.nowMs.value += MINUTE_MS;

    const resent = await api.call('POST', `${signIn.path}/resend`, { token: signIn.token });

    expect(wrong.map(({ status, body }) => [status, body.code, body.triesLeft])).toEqual(
      [2, 1, 0].map((left) => [422, 'code_wrong', left]),
    );
    expect([right.status, right.body.code, right.headers.get('retry-after')]).toEqual([
      429,
      'sign_in_exhausted',
      '45',
    ]);
    expect(resent).toMatchObject({ status: 202, body: { triesLeft: 3 } });
    expect(resent.body).not.toHaveProperty('token');
    expect((await enter(signIn, '141785')).body.code).toBe('code_wrong');
    expect((await enter(signIn, '241785')).status).toBe(201);
    expect(api.limiter.taken.get('wrong-proofs-global everybody')).toBe(4);
    expect(api.events.map(({ action, outcome }) => `${action}: ${outcome}`)).toContain(
      'sign-in-code-refused: code_wrong',
    );
  });

  it('A code of another length costs no try', async () => {
    const signIn = await waiting();

    const { status, body } = await enter(signIn, '1785');

    expect([status, body.errors]).toMatchObject([422, [{ pointer: '/code', code: 'wrong_format' }]]);
    expect(await api.call('GET', signIn.path, { token: signIn.token })).toMatchObject({
      status: 200,
      body: { stage: 'code', triesLeft: 3 },
    });
  });

  it('A new code too soon is refused with the time to wait', async () => {
    const signIn = await waiting();

    const { status, body, headers } = await api.call('POST', `${signIn.path}/resend`, {
      token: signIn.token,
    });

    expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'resend_too_soon', '45']);
  });

  it('The sixth code of an hour is refused, whichever sign-in asks for it', async () => {
    for (let opened = 0; opened < 5; opened++) expect((await withPassword()).status).toBe(202);
    api.nowMs.value += MINUTE_MS;

    const sixth = await withPassword();

    expect([sixth.status, sixth.body.code, sixth.headers.get('retry-after')]).toEqual([
      429,
      'sign_in_exhausted',
      String((HOUR_MS - MINUTE_MS) / 1000),
    ]);
    expect(api.events.at(-1)).toMatchObject({
      action: 'sign-in-refused',
      outcome: 'sign_in_exhausted',
      accountId: maria.id,
    });
  });

  it.each([
    [
      'the password was changed',
      async () => api.accounts.setHash(maria.id, crypto.randomUUID(), 'hash:x', 0),
    ],
    ['two-step verification was turned off', () => api.signIns.turnOff({ accountId: maria.id, atMs: 0 })],
    ['ten minutes are over', async () => (api.nowMs.value += 10 * MINUTE_MS)],
  ])('A sign-in is over when %s', async (_what, change) => {
    const signIn = await waiting();
    await change();

    const answers = [
      await api.call('GET', signIn.path, { token: signIn.token }),
      await enter(signIn, '141785'),
      await api.call('POST', `${signIn.path}/resend`, { token: signIn.token }),
    ];

    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      answers.map(() => [410, 'sign_in_expired']),
    );
    expect(api.sessions.all.size).toBe(0);
  });

  it.each([
    ['a session’s token', async () => signedIn()],
    ['another sign-in’s token', async () => (await waiting()).token],
    ['a wrong token', async () => 'nonsense'],
  ])('The calls of a sign-in refuse %s', async (_what, tokenOf) => {
    const signIn = { ...(await waiting()), token: await tokenOf() };

    const answers = [
      await api.call('GET', signIn.path, { token: signIn.token }),
      await enter(signIn, '141785'),
      await api.call('POST', `${signIn.path}/resend`, { token: signIn.token }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
  });
});

describe('Turning two-step verification on and off', () => {
  let token: string;
  beforeEach(async () => {
    api.accounts.all.set(maria.id, { ...maria, twoStep: false });
    token = (await withPassword()).body.token;
  });

  const start = (): Promise<Called> => api.call('POST', '/v1/session/two-step', { token });
  const finish = (code: string): Promise<Called> =>
    api.call('POST', '/v1/session/two-step/code', { token, body: { code } });
  const turnOff = (password: string): Promise<Called> =>
    api.call('DELETE', '/v1/session/two-step', { token, body: { password } });

  it('Without it, signing in sends no code', () => {
    expect(api.signIns.all).toEqual([]);
    expect(token).toEqual(expect.any(String));
  });

  it('A code that arrived turns it on, and signing in takes a code from then on', async () => {
    const sent = await start();
    const wrong = await finish('000000');
    const on = await finish('141785');

    expect(sent).toMatchObject({ status: 202, body: { stage: 'code', sentTo: 'm***@example.com' } });
    expect(sent.body).not.toHaveProperty('token');
    expect([wrong.status, wrong.body.code, wrong.body.triesLeft]).toEqual([422, 'code_wrong', 2]);
    expect(on).toMatchObject({ status: 200, body: { twoStep: true } });
    expect((await withPassword()).status).toBe(202);
    expect((await api.call('GET', '/v1/session', { token })).body.account.twoStep).toBe(true);
  });

  it('Asked again at once it sends nothing and joins; later it sends a new code', async () => {
    const first = await start();
    const joined = await start();
    api.nowMs.value += MINUTE_MS;
    const later = await start();

    expect(joined.body).toEqual(first.body);
    expect(later.body).toMatchObject({ id: first.body.id, expiresAt: '2026-03-02T15:11:00.000Z' });
    expect(api.signIns.codesAtMs).toHaveLength(2);
    expect((await finish('241785')).status).toBe(200);
  });

  it('After ten minutes a new one begins', async () => {
    const first = await start();
    api.nowMs.value += 10 * MINUTE_MS;

    const code = await finish('141785');
    const second = await start();

    expect([code.status, code.body.code]).toEqual([410, 'sign_in_expired']);
    expect([second.status, second.body.id === first.body.id]).toEqual([202, false]);
  });

  it('A code that nobody asked for in this session is over', async () => {
    await start();
    token = (await withPassword()).body.token;

    expect(await finish('141785')).toMatchObject({ status: 410, body: { code: 'sign_in_expired' } });
  });

  it('The code of a session signs nobody in', async () => {
    const { body } = await start();
    const forged = fakeDigests.seal('sign-in', body.id);

    expect(await enter({ path: `/v1/sign-ins/${body.id}`, token: forged }, '141785')).toMatchObject({
      status: 401,
    });
  });

  it('The password turns it off; a wrong one does not, and counts like every wrong password', async () => {
    await start();
    await finish('141785');

    const wrong = await turnOff('Wrong_day7');
    const off = await turnOff(PASSWORD);

    expect([wrong.status, wrong.body.code, off.status]).toEqual([401, 'credentials_wrong', 204]);
    expect([...api.passwordTries.rows.values()]).toEqual([]);
    expect(
      [...api.limiter.taken].filter(([key, taken]) => key.startsWith('wrong-passwords ') && taken > 0),
    ).toHaveLength(1);
    expect(api.signIns.turnedOff).toMatchObject([{ accountId: maria.id, address: '127.0.0.1' }]);
    expect((await withPassword()).status).toBe(201);
    expect(api.events.map(({ action, outcome }) => `${action}: ${outcome}`)).toContain(
      'two-step-refused: credentials_wrong',
    );
  });

  it.each([
    ['no body', {}, 400],
    ['an empty password', { body: { password: '' } }, 422],
    ['something else', { body: { password: PASSWORD, more: 1 } }, 422],
    ['no JSON', { raw: '{', headers: { 'content-type': 'application/json' } }, 400],
    ['another media type', { raw: '{}', headers: { 'content-type': 'text/plain' } }, 415],
  ])('Turning it off with %s is refused', async (_what, options, status) => {
    expect((await api.call('DELETE', '/v1/session/two-step', { token, ...options })).status).toBe(status);
    expect(api.signIns.turnedOff).toEqual([]);
  });

  it('It needs a session, and a portal that offers it', async () => {
    api.accounts.add({ portal: 'broker', username: 'dana' });
    const broker = await api.call('POST', '/v1/portals/broker/sessions', {
      body: { username: 'dana', password: PASSWORD },
    });
    token = broker.body.token;

    expect([(await start()).status, (await finish('141785')).status]).toEqual([404, 404]);
    token = 'nonsense';
    expect([
      (await start()).status,
      (await finish('141785')).status,
      (await turnOff(PASSWORD)).status,
    ]).toEqual([401, 401, 401]);
  });
});
