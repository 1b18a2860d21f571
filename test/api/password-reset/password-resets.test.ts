import { MINUTE_MS } from '../../../src/domain/time';
import { fakeHash } from '../fakes';
import { startApi, type Api } from '../api';

let api: Api;
beforeEach(async () => {
  api = await startApi();
  api.accounts.add();
});
afterEach(() => api.close());

const OPENING = '/v1/portals/member/password-resets';
const good = { password: 'Rainy_day8', confirmation: 'Rainy_day8' };

describe('Opening a reset', () => {
  it('Opening a reset is answered 202 with the reset, its token and its location', async () => {
    const { status, body, headers } = await api.call('POST', OPENING, {
      body: { email: ' Maria@Example.com ' },
    });

    expect(status).toBe(202);
    expect(body).toEqual({
      id: expect.any(String),
      portal: 'member',
      stage: 'pin',
      progressPercent: 33,
      sentTo: 'M***@Example.com',
      expiresAt: '2026-03-02T16:30:00.000Z',
      resendAvailableAt: '2026-03-02T15:00:45.000Z',
      triesLeft: 3,
      token: expect.any(String),
    });
    expect(headers.get('location')).toBe(`/v1/password-resets/${body.id}`);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('Opening a reset for an unknown person gets an answer of the same shape', async () => {
    const known = await api.call('POST', OPENING, { body: { email: 'maria@example.com' } });
    const unknown = await api.call('POST', OPENING, { body: { email: 'nobody@example.com' } });

    expect(unknown.status).toBe(known.status);
    expect(Object.keys(unknown.body)).toEqual(Object.keys(known.body));
  });
});

describe('Reading a reset', () => {
  it('Reading a reset returns its stage, without the token', async () => {
    const { path, token } = await api.open();

    const { status, body } = await api.call('GET', path, { token });

    expect(status).toBe(200);
    expect(body).toMatchObject({ stage: 'pin', progressPercent: 33, triesLeft: 3 });
    expect(body).not.toHaveProperty('token');
  });

  it.each(['GET', 'DELETE'])(
    'A reset refuses %s without a token, with a wrong token and with another reset’s token',
    async (method) => {
      const { path } = await api.open();
      const other = await api.open('someone.else@example.com');

      for (const options of [
        {},
        { token: 'wrong' },
        { token: other.token },
        { headers: { authorization: 'Basic eDp5' } },
      ]) {
        const { status, body, headers } = await api.call(method, path, options);
        expect([status, body.code]).toEqual([401, 'unauthorized']);
        expect(headers.get('www-authenticate')).toBe('Bearer realm="tenure"');
      }
    },
  );

  it('A reset with a malformed ID is answered 404', async () => {
    expect(await api.call('GET', '/v1/password-resets/1', { token: 'x' })).toMatchObject({ status: 404 });
    expect(await api.call('GET', '/v1/password-resets/%ff', { token: 'x' })).toMatchObject({ status: 404 });
  });
});

describe('Entering the PIN', () => {
  it.each(['1785', ' 1785 ', '\u00a01785'])('The right PIN is accepted as %j', async (pin) => {
    const { path, token } = await api.open();

    const { status, body } = await api.call('POST', `${path}/pin`, { token, body: { pin } });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      stage: 'password',
      progressPercent: 66,
      expiresAt: '2026-03-02T16:30:00.000Z',
    });
  });

  it('Wrong PINs count the tries down until the reset is exhausted', async () => {
    const { path, token } = await api.open();
    const guess = (): ReturnType<Api['call']> =>
      api.call('POST', `${path}/pin`, { token, body: { pin: '0000' } });

    for (const triesLeft of [2, 1, 0]) {
      expect(await guess()).toMatchObject({ status: 422, body: { code: 'pin_wrong', triesLeft } });
    }
    const { status, body, headers } = await guess();

    expect([status, body.code]).toEqual([429, 'reset_exhausted']);
    expect(headers.get('retry-after')).toBe('61');
  });

  it('A wrong PIN is explained in the language of the page, with the tries left', async () => {
    const { path, token } = await api.open();

    const { body, headers } = await api.call('POST', `${path}/pin`, {
      token,
      body: { pin: '0000' },
      headers: { 'accept-language': 'es' },
    });

    expect(body).toMatchObject({
      title: 'Este no es el PIN',
      detail: expect.stringContaining('Intentos restantes: 2'),
    });
    expect(headers.get('content-language')).toBe('es');
  });

  it('A superseded PIN is answered as such and uses up no try', async () => {
    const { path, token } = await api.open();
    api.nowMs.value += 45_000;
    await api.call('POST', `${path}/resend`, { token });

    const { status, body } = await api.call('POST', `${path}/pin`, { token, body: { pin: '1785' } });

    expect([status, body.code]).toEqual([422, 'pin_superseded']);
    expect(await api.call('GET', path, { token })).toMatchObject({ body: { triesLeft: 3 } });
  });

  it('A reset expires after 90 minutes', async () => {
    const { path, token } = await api.open();
    api.nowMs.value += 90 * MINUTE_MS;

    const { status, body } = await api.call('POST', `${path}/pin`, { token, body: { pin: '1785' } });

    expect([status, body.code]).toEqual([410, 'reset_expired']);
  });

  it('No PIN is checked once the global limit of wrong proofs is reached', async () => {
    const { path, token } = await api.open();
    api.limiter.sizes['wrong-proofs-global'] = 1;
    await api.call('POST', `${path}/pin`, { token, body: { pin: '0000' } });
    api.resets.calls.length = 0;

    const { status, body, headers } = await api.call('POST', `${path}/pin`, { token, body: { pin: '1785' } });

    expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'too_many_requests', '2']);
    expect(api.resets.calls).toEqual([]);
  });

  it('A right PIN does not count towards the limits of wrong proofs', async () => {
    await api.open('maria@example.com', { pin: '1785' });

    const taken = [...api.limiter.taken].filter(([key]) => key.startsWith('wrong-proofs'));
    expect(taken.map(([key, points]) => [key.split(' ')[0], points])).toEqual([
      ['wrong-proofs-address', 0],
      ['wrong-proofs-network', 0],
      ['wrong-proofs-global', 0],
    ]);
  });
});

describe('Requesting a new PIN', () => {
  it.each([undefined, {}])(
    'A request for a new PIN is answered 202 after 45 seconds, with %j as the body',
    async (body) => {
      const { path, token } = await api.open();
      api.nowMs.value += 45_000;

      const answer = await api.call('POST', `${path}/resend`, { token, body });

      expect(answer.status).toBe(202);
      expect(answer.body).toMatchObject({ stage: 'pin', resendAvailableAt: '2026-03-02T15:01:30.000Z' });
    },
  );

  it('A request for a new PIN before 45 seconds is answered 429 with the seconds left', async () => {
    const { path, token } = await api.open();
    api.nowMs.value += 44_001;

    const { status, body, headers } = await api.call('POST', `${path}/resend`, { token });

    expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'resend_too_soon', '1']);
  });

  it('A request for a new PIN after the proof is answered 409', async () => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });

    const { status, body } = await api.call('POST', `${path}/resend`, { token });

    expect([status, body.code]).toEqual([409, 'already_proved']);
  });

  it('A request for a new PIN is answered 429 after the last PIN of the day, and 410 after the reset is over', async () => {
    const { path, token } = await api.open();
    for (let made = 0; made < 2; made++) {
      api.nowMs.value += 45_000;
      await api.call('POST', `${path}/resend`, { token });
    }
    api.nowMs.value += 45_000;

    expect(await api.call('POST', `${path}/resend`, { token })).toMatchObject({
      status: 429,
      body: { code: 'reset_exhausted' },
    });
    api.nowMs.value += 90 * MINUTE_MS;
    expect(await api.call('POST', `${path}/resend`, { token })).toMatchObject({
      status: 410,
      body: { code: 'reset_expired' },
    });
  });
});

describe('Choosing the password', () => {
  it('Choosing a password completes the reset and ends the sessions of the account', async () => {
    const { body: session } = await api.call('POST', '/v1/portals/member/sessions', {
      body: { username: 'maria.lopez', password: 'Sunny_day7' },
    });
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });

    const { status, body } = await api.call('POST', `${path}/password`, { token, body: good });

    expect(status).toBe(200);
    expect(body).toMatchObject({ stage: 'completed', progressPercent: 100 });
    expect(body).not.toHaveProperty('username');
    expect([...api.accounts.all.values()][0]?.credential?.hash).toBe(fakeHash('Rainy_day8'));
    expect(await api.call('GET', '/v1/session', { token: session.token })).toMatchObject({ status: 401 });
    expect(await api.call('GET', path, { token })).toMatchObject({ body: { stage: 'completed' } });
  });

  it('A password is refused before the proof, whatever it is', async () => {
    const { path, token } = await api.open();

    const { status, body } = await api.call('POST', `${path}/password`, {
      token,
      body: { password: 'x', confirmation: 'y' },
    });

    expect([status, body.code]).toEqual([409, 'proof_required']);
  });

  it('A password is refused to a page that has only the proof of another page', async () => {
    const first = await api.open('maria@example.com', { pin: '1785' });
    const second = await api.open();

    expect(second.path).toBe(first.path);
    expect(
      await api.call('POST', `${second.path}/password`, { token: second.token, body: good }),
    ).toMatchObject({
      status: 409,
      body: { code: 'proof_required' },
    });
    expect(api.hashed).toEqual([]);
  });

  it.each([
    ['short1', ['too_short']],
    ['muchTooLong1234', ['too_long']],
    ['onlyletters', ['digit_missing']],
    ['1234567890', ['letter_missing']],
    ['with space1', ['space_not_accepted']],
    ['comma,comm1', ['character_not_accepted']],
    ['\u{1F436}doggie12', ['character_not_accepted']],
    ['\u{1F436}', ['too_short', 'digit_missing', 'letter_missing', 'character_not_accepted']],
    ['Password1', ['too_common']],
    ['Sunny_day7', ['used_before']],
  ])('The password %j is refused with a reason for each rule: %j', async (password, codes) => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });

    const { status, body } = await api.call('POST', `${path}/password`, {
      token,
      body: { password, confirmation: password },
    });

    expect([status, body.code]).toEqual([422, 'password_refused']);
    expect(body.errors.map(({ code }: { code: string }) => code)).toEqual(codes);
    expect(body.errors.every((entry: { pointer: string }) => entry.pointer === '/password')).toBe(true);
    expect(await api.call('POST', `${path}/password`, { token, body: good })).toMatchObject({ status: 200 });
  });

  it('A password that contains the username is refused', async () => {
    api.accounts.add({ username: 'ana', email: 'ana@example.com' });
    const { path, token } = await api.open('ana@example.com', { pin: '1785' });

    const { body } = await api.call('POST', `${path}/password`, {
      token,
      body: { password: 'xxANA1234', confirmation: 'xxANA1234' },
    });

    expect(body.errors).toEqual([
      { pointer: '/password', code: 'contains_username', detail: 'It must not contain the username.' },
    ]);
  });

  it('A differing confirmation is reported together with the broken password rules', async () => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });

    const { body } = await api.call('POST', `${path}/password`, {
      token,
      body: { password: 'short1', confirmation: 'Short1' },
    });

    expect(body.errors).toEqual([
      { pointer: '/password', code: 'too_short', detail: 'Use at least 8 characters.' },
      { pointer: '/confirmation', code: 'not_equal', detail: 'The two entries differ.' },
    ]);
    expect(api.hashed).toEqual([]);
  });

  it('No password is compared for a page that gave up after its proof', async () => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });
    await api.call('DELETE', path, { token });
    const current = { password: 'Sunny_day7', confirmation: 'Sunny_day7' };

    const { status, body } = await api.call('POST', `${path}/password`, { token, body: current });

    expect([status, body.code]).toEqual([410, 'reset_expired']);
    expect(api.compared).toEqual([]);
  });

  it('A reset compares five passwords with earlier ones, even if more are concurrent, and is then cancelled', async () => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });
    const choose = (password: string) =>
      api.call('POST', `${path}/password`, { token, body: { password, confirmation: password } });
    const broken = await choose('short');

    const answers = await Promise.all(Array.from({ length: 12 }, () => choose('Sunny_day7')));
    const after = await choose('Sunny_day7');

    const codes = answers.map(({ body }) => body.code as string);
    expect(broken.body.code).toBe('password_refused');
    expect(codes.filter((code) => code === 'password_refused')).toHaveLength(5);
    expect(codes.filter((code) => code === 'reset_expired')).toHaveLength(7);
    expect(after.body.code).toBe('reset_expired');
    expect(api.compared).toHaveLength(5);
    expect((await api.call('GET', path, { token })).body.stage).toBe('cancelled');
  });

  it('A password whose staged copy is gone is answered 409 and can be chosen again', async () => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });
    api.resets.losesStaged = true;

    const { status, body } = await api.call('POST', `${path}/password`, { token, body: good });

    expect([status, body.code]).toEqual([409, 'password_not_kept']);
    api.resets.losesStaged = false;
    expect(await api.call('POST', `${path}/password`, { token, body: good })).toMatchObject({ status: 200 });
  });

  it('A password for a completed reset is answered 410', async () => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });
    await api.call('POST', `${path}/password`, { token, body: good });

    const { status, body } = await api.call('POST', `${path}/password`, { token, body: good });

    expect([status, body.code]).toEqual([410, 'reset_expired']);
  });
});

describe('Showing the username', () => {
  it('The username is shown to the page that proved identity, also when it reads the reset again', async () => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });

    const { status, body } = await api.call('POST', `${path}/username`, { token });

    expect(status).toBe(200);
    expect(body).toMatchObject({ stage: 'username-shown', progressPercent: 100, username: 'maria.lopez' });
    expect(await api.call('GET', path, { token })).toMatchObject({ body: { username: 'maria.lopez' } });
  });

  it('The username is not shown before the proof', async () => {
    const { path, token } = await api.open();

    const { status, body } = await api.call('POST', `${path}/username`, { token });

    expect([status, body.code]).toEqual([409, 'proof_required']);
    expect((await api.call('GET', path, { token })).body).not.toHaveProperty('username');
  });

  it('A reset that showed the username is over and takes no new password', async () => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });
    await api.call('POST', `${path}/username`, { token });

    expect(await api.call('POST', `${path}/password`, { token, body: good })).toMatchObject({ status: 410 });
    expect(await api.call('POST', `${path}/username`, { token })).toMatchObject({ status: 410 });
  });
});

describe('Giving up', () => {
  it('Giving up is answered 204 without a body and cancels the reset', async () => {
    const { path, token } = await api.open();

    expect(await api.call('DELETE', path, { token })).toMatchObject({ status: 204, body: '' });
    expect(await api.call('GET', path, { token })).toMatchObject({ body: { stage: 'cancelled' } });
    expect(await api.call('DELETE', path, { token })).toMatchObject({ status: 204 });
  });
});
