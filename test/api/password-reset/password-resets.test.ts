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

describe('opening a reset', () => {
  it('answers 202 with the reset, its token and its address', async () => {
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

  it('answers somebody nobody knows with the very same shape', async () => {
    const known = await api.call('POST', OPENING, { body: { email: 'maria@example.com' } });
    const unknown = await api.call('POST', OPENING, { body: { email: 'nobody@example.com' } });

    expect(unknown.status).toBe(known.status);
    expect(Object.keys(unknown.body)).toEqual(Object.keys(known.body));
  });
});

describe('looking at a reset', () => {
  it('tells where it stands, without the token', async () => {
    const { path, token } = await api.open();

    const { status, body } = await api.call('GET', path, { token });

    expect(status).toBe(200);
    expect(body).toMatchObject({ stage: 'pin', progressPercent: 33, triesLeft: 3 });
    expect(body).not.toHaveProperty('token');
  });

  it.each(['GET', 'DELETE'])(
    'refuses %s with no token, another token, or the token of another reset',
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

  it('knows no reset whose id is not one', async () => {
    expect(await api.call('GET', '/v1/password-resets/1', { token: 'x' })).toMatchObject({ status: 404 });
    expect(await api.call('GET', '/v1/password-resets/%ff', { token: 'x' })).toMatchObject({ status: 404 });
  });
});

describe('entering the PIN', () => {
  it.each(['1785', ' 1785 ', '\u00a01785'])('accepts %j', async (pin) => {
    const { path, token } = await api.open();

    const { status, body } = await api.call('POST', `${path}/pin`, { token, body: { pin } });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      stage: 'password',
      progressPercent: 66,
      expiresAt: '2026-03-02T16:30:00.000Z',
    });
  });

  it('counts the tries down, then sends to a new PIN', async () => {
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

  it('tells in the language of the page what is left', async () => {
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

  it('tells an older PIN apart', async () => {
    const { path, token } = await api.open();
    api.nowMs.value += 45_000;
    await api.call('POST', `${path}/resend`, { token });

    const { status, body } = await api.call('POST', `${path}/pin`, { token, body: { pin: '1785' } });

    expect([status, body.code]).toEqual([422, 'pin_superseded']);
    expect(await api.call('GET', path, { token })).toMatchObject({ body: { triesLeft: 3 } });
  });

  it('is over after 90 minutes', async () => {
    const { path, token } = await api.open();
    api.nowMs.value += 90 * MINUTE_MS;

    const { status, body } = await api.call('POST', `${path}/pin`, { token, body: { pin: '1785' } });

    expect([status, body.code]).toEqual([410, 'reset_expired']);
  });

  it('evaluates nothing once too many PINs were wrong everywhere', async () => {
    const { path, token } = await api.open();
    api.limiter.sizes['wrong-proofs-global'] = 1;
    await api.call('POST', `${path}/pin`, { token, body: { pin: '0000' } });
    api.resets.calls.length = 0;

    const { status, body, headers } = await api.call('POST', `${path}/pin`, { token, body: { pin: '1785' } });

    expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'too_many_requests', '2']);
    expect(api.resets.calls).toEqual([]);
  });

  it('takes nothing from that breaker for a right PIN', async () => {
    await api.open('maria@example.com', { pin: '1785' });

    const taken = [...api.limiter.taken].filter(([key]) => key.startsWith('wrong-proofs'));
    expect(taken.map(([key, points]) => [key.split(' ')[0], points])).toEqual([
      ['wrong-proofs-address', 0],
      ['wrong-proofs-network', 0],
      ['wrong-proofs-global', 0],
    ]);
  });
});

describe('asking for a new PIN', () => {
  it.each([undefined, {}])('answers 202 after 45 seconds, with %j as the body', async (body) => {
    const { path, token } = await api.open();
    api.nowMs.value += 45_000;

    const answer = await api.call('POST', `${path}/resend`, { token, body });

    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ stage: 'pin', resendAvailableAt: '2026-03-02T15:01:30.000Z' });
  });

  it('answers 429 before, with the seconds that are missing', async () => {
    const { path, token } = await api.open();
    api.nowMs.value += 44_001;

    const { status, body, headers } = await api.call('POST', `${path}/resend`, { token });

    expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'resend_too_soon', '1']);
  });

  it('answers 409 when identity is proved already', async () => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });

    const { status, body } = await api.call('POST', `${path}/resend`, { token });

    expect([status, body.code]).toEqual([409, 'already_proved']);
  });

  it('answers 429 when the PINs of the day are used up, and 410 when the reset is over', async () => {
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

describe('choosing the password', () => {
  it('completes the reset and ends the sessions of the account', async () => {
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

  it('asks for the proof first, whatever the password is', async () => {
    const { path, token } = await api.open();

    const { status, body } = await api.call('POST', `${path}/password`, {
      token,
      body: { password: 'x', confirmation: 'y' },
    });

    expect([status, body.code]).toEqual([409, 'proof_required']);
  });

  it('does not take the proof of another page', async () => {
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
  ])('refuses %j with a reason for each rule: %j', async (password, codes) => {
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

  it('refuses one that holds the username', async () => {
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

  it('names the entry that differs beside the rules that are broken', async () => {
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

  it('compares nothing for a page that gave up after its proof', async () => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });
    await api.call('DELETE', path, { token });
    const current = { password: 'Sunny_day7', confirmation: 'Sunny_day7' };

    const { status, body } = await api.call('POST', `${path}/password`, { token, body: current });

    expect([status, body.code]).toEqual([410, 'reset_expired']);
    expect(api.compared).toEqual([]);
  });

  it('compares five passwords with earlier ones, however many come at once, and then ends the reset', async () => {
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

  it('answers 409 when what was staged is gone, and lets choose again', async () => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });
    api.resets.losesStaged = true;

    const { status, body } = await api.call('POST', `${path}/password`, { token, body: good });

    expect([status, body.code]).toEqual([409, 'password_not_kept']);
    api.resets.losesStaged = false;
    expect(await api.call('POST', `${path}/password`, { token, body: good })).toMatchObject({ status: 200 });
  });

  it('answers 410 once the reset is completed', async () => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });
    await api.call('POST', `${path}/password`, { token, body: good });

    const { status, body } = await api.call('POST', `${path}/password`, { token, body: good });

    expect([status, body.code]).toEqual([410, 'reset_expired']);
  });
});

describe('seeing the user ID', () => {
  it('shows it to the page that proved identity, again when it looks again', async () => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });

    const { status, body } = await api.call('POST', `${path}/username`, { token });

    expect(status).toBe(200);
    expect(body).toMatchObject({ stage: 'username-shown', progressPercent: 100, username: 'maria.lopez' });
    expect(await api.call('GET', path, { token })).toMatchObject({ body: { username: 'maria.lopez' } });
  });

  it('asks for the proof first', async () => {
    const { path, token } = await api.open();

    const { status, body } = await api.call('POST', `${path}/username`, { token });

    expect([status, body.code]).toEqual([409, 'proof_required']);
    expect((await api.call('GET', path, { token })).body).not.toHaveProperty('username');
  });

  it('does not go together with a new password', async () => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });
    await api.call('POST', `${path}/username`, { token });

    expect(await api.call('POST', `${path}/password`, { token, body: good })).toMatchObject({ status: 410 });
    expect(await api.call('POST', `${path}/username`, { token })).toMatchObject({ status: 410 });
  });
});

describe('giving up', () => {
  it('answers 204 without a body, and the reset is cancelled', async () => {
    const { path, token } = await api.open();

    expect(await api.call('DELETE', path, { token })).toMatchObject({ status: 204, body: '' });
    expect(await api.call('GET', path, { token })).toMatchObject({ body: { stage: 'cancelled' } });
    expect(await api.call('DELETE', path, { token })).toMatchObject({ status: 204 });
  });
});
