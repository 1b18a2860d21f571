/** Wrong passwords in a row over all addresses, through the routes that take a password. */
import { DAY_MS, MINUTE_MS } from '../../../src/domain/time';
import { startApi, type Api, type Called } from '../api';

let api: Api;
beforeEach(async () => {
  api = await startApi();
  api.accounts.add({ setAtMs: api.nowMs.value - DAY_MS });
});
afterEach(() => api.close());

const RIGHT = 'Sunny_day7';
const OWNER = { username: 'maria.lopez' };
const NOBODY = { username: 'nobody.there' };
/** Others than the test's own. */
const strangerAddress = (index: number): string => `198.51.100.${index % 250}`;

function signIn(password: string, address: string, { username } = OWNER): Promise<Called> {
  const headers = { 'x-forwarded-for': address };
  return api.call('POST', '/v1/portals/member/sessions', { body: { username, password }, headers });
}

/** The row after `wrong` wrong ones of strangers, the last of them just now. */
async function afterGuesses(wrong: number, whom = OWNER): Promise<void> {
  await signIn('Wrong_day0', '198.51.100.0', whom);
  for (const who of api.passwordTries.rows.keys())
    api.passwordTries.rows.set(who, { wrong, lastAtMs: api.nowMs.value });
}

const times = (howMany: number, code: string): string[] => Array<string>(howMany).fill(code);

describe.each([
  ['an account', OWNER],
  ['a username that nobody has', NOBODY],
])('Wrong passwords of %s', (_whose, whom) => {
  it('Of sixty concurrent wrong passwords from fifteen addresses, only ten are compared', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) => signIn(`Wrong_${i}`, strangerAddress(i % 15), whom)),
    );

    const codes = answers.map(({ body }) => body.code as string).toSorted();
    expect(codes).toEqual([...times(10, 'credentials_wrong'), ...times(50, 'too_many_requests')]);
  });

  it('Wrong passwords cause a growing wait that applies to every address', async () => {
    for (let i = 0; i < 10; i++) await signIn(`Wrong_${i}`, strangerAddress(i), whom);

    const first = await signIn('Wrong_day1', '192.0.2.1', whom);
    api.nowMs.value += 30_000;
    const second = await signIn('Wrong_day2', '192.0.2.2', whom);
    const third = await signIn('Wrong_day3', '192.0.2.3', whom);

    expect([first, second, third].map(({ status }) => status)).toEqual([429, 401, 429]);
    expect([first, third].map(({ headers }) => headers.get('retry-after'))).toEqual(['30', '60']);
    expect(third.body.detail).toMatch(/reset the password/);
  });

  it('A password is locked after 90 wrong ones from strangers, and every later try gets the same answer', async () => {
    await afterGuesses(88, whom);
    const codes: string[] = [];
    for (let i = 0; i < 4; i++) {
      api.nowMs.value += 60 * MINUTE_MS;
      codes.push((await signIn(`Wrong_${i}`, strangerAddress(i), whom)).body.code as string);
    }

    expect(codes).toEqual([...times(2, 'credentials_wrong'), ...times(2, 'password_locked')]);
    expect(await signIn(RIGHT, '203.0.113.9', whom)).toMatchObject({
      status: 429,
      body: {
        code: 'password_locked',
        detail: expect.stringMatching(/^The password is no longer accepted/),
      },
    });
  });
});

describe('Consecutive wrong passwords', () => {
  it('A right password resets the count of consecutive wrong passwords', async () => {
    for (let i = 0; i < 9; i++) await signIn(`Wrong_${i}`, strangerAddress(i));
    await signIn(RIGHT, '192.0.2.1');

    for (let i = 0; i < 10; i++) {
      expect(await signIn(`Wrong_${i}`, strangerAddress(i))).toMatchObject({ status: 401 });
    }
  });

  it('A password reset ends the count of wrong passwords, even for a locked password', async () => {
    await afterGuesses(90);
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });
    const chosen = { password: 'Rainy_day8', confirmation: 'Rainy_day8' };
    api.nowMs.value += 1000;
    expect(await api.call('POST', `${path}/password`, { token, body: chosen })).toMatchObject({
      status: 200,
    });

    expect(await signIn('Rainy_day8', '203.0.113.9')).toMatchObject({ status: 201 });
  });

  it('A locked password does not prevent a password reset', async () => {
    await afterGuesses(90);

    const { path, token } = await api.open();

    expect(await api.call('POST', `${path}/pin`, { token, body: { pin: '1785' } })).toMatchObject({
      status: 200,
    });
  });

  it('Wrong passwords in password changes and in sign-ins are counted together', async () => {
    const change = (address: string): Promise<Called> =>
      api.call('POST', '/v1/portals/member/password-changes', {
        body: {
          ...OWNER,
          currentPassword: 'Wrong_day1',
          password: 'Rainy_day8',
          confirmation: 'Rainy_day8',
        },
        headers: { 'x-forwarded-for': address },
      });
    for (let i = 0; i < 5; i++) {
      expect(await change(strangerAddress(i))).toMatchObject({ status: 401 });
      expect(await signIn('Wrong_day2', strangerAddress(i))).toMatchObject({ status: 401 });
    }

    expect(await change('192.0.2.1')).toMatchObject({ status: 429 });
  });

  it('Consecutive wrong passwords are forgotten after a year', async () => {
    await afterGuesses(90);
    api.nowMs.value += 366 * DAY_MS;

    expect(await signIn(RIGHT, '203.0.113.9')).toMatchObject({ status: 201 });
  });

  it('Passwords refused without a comparison are not counted as wrong', async () => {
    await afterGuesses(10);
    for (let i = 0; i < 5; i++) await signIn('Wrong_day1', strangerAddress(i));
    api.nowMs.value += 30_000;

    expect(await signIn(RIGHT, '203.0.113.9')).toMatchObject({ status: 201 });
  });
});

describe('Address known from the owner', () => {
  beforeEach(() => signIn(RIGHT, '192.0.2.1'));

  it('The owner’s known address is exempt from the wait that strangers caused', async () => {
    await afterGuesses(11);

    expect(await signIn(RIGHT, '203.0.113.9')).toMatchObject({ status: 429 });
    expect(await signIn(RIGHT, '192.0.2.1')).toMatchObject({ status: 201 });
  });

  it('The owner’s known address is locked out only after 100 wrong passwords, not after 90', async () => {
    await afterGuesses(90);
    for (let i = 0; i < 10; i++)
      expect(await signIn(`Wrong_${i}`, '192.0.2.1')).toMatchObject({ status: 401 });
    api.limiter.taken.clear();

    expect(await signIn(RIGHT, '192.0.2.1')).toMatchObject({
      status: 429,
      body: { code: 'password_locked' },
    });
  });

  it('A sign-in from the owner’s known address unlocks the password for every address', async () => {
    await afterGuesses(90);

    expect(await signIn(RIGHT, '192.0.2.1')).toMatchObject({ status: 201 });
    expect(await signIn(RIGHT, '203.0.113.9')).toMatchObject({ status: 201 });
  });

  it('The owner’s known address is not paused by password spraying over all accounts', async () => {
    api.limiter.sizes['wrong-passwords-global'] = 1;
    await signIn('Wrong_day1', '203.0.113.9', NOBODY);

    expect(await signIn(RIGHT, '203.0.113.10')).toMatchObject({ status: 429 });
    expect(await signIn(RIGHT, '192.0.2.1')).toMatchObject({ status: 201 });
  });
});

it('The audit log records that a sign-in was refused for a locked password', async () => {
  await afterGuesses(90);
  await signIn(RIGHT, '203.0.113.9');

  expect(api.events.at(-1)).toMatchObject({ action: 'sign-in-refused', outcome: 'password_locked' });
});
