import { randomBytes } from 'node:crypto';
import { PASSWORD, USERNAME } from './fake-api';
import { atPin, startPages, type Browser, type Pages } from './pages';

let pages: Pages;
beforeAll(async () => (pages = await startPages({ trustProxy: 'loopback' })));
afterAll(() => pages.stop());

/** Every cookie that a browser got on the way, as it was set. */
async function allSet(browser: Browser): Promise<string[]> {
  const answers = [
    await browser.get('/member/sign-in?lang=es'),
    await browser.fill('/member/forgot', { email: 'maria@example.com' }),
    await browser.fill('/member/sign-in', { username: USERNAME, password: PASSWORD }),
  ];
  return answers.flatMap(({ headers }) => headers.getSetCookie());
}

describe('cookies', () => {
  it('Over HTTPS they are for this host alone, and never sent without it', async () => {
    const set = await allSet(pages.browser({ 'x-forwarded-proto': 'https' }));

    expect(new Set(set.map((each) => each.split('=')[0]))).toEqual(
      new Set(['__Host-tenure-language', '__Host-tenure-member-reset', '__Host-tenure-member-session']),
    );
    for (const each of set) {
      expect(each).toMatch(/; Path=\/(;|$)/);
      expect(each).toMatch(/; HttpOnly(;|$)/);
      expect(each).toMatch(/; Secure(;|$)/);
      expect(each).toMatch(/; SameSite=Lax(;|$)/);
      expect(each).not.toMatch(/Domain/i);
    }
  });

  it('Without HTTPS they have no name that browsers would refuse', async () => {
    const set = await allSet(pages.browser());

    expect(set.map((each) => each.split('=')[0])).not.toContainEqual(expect.stringMatching(/^__/));
    for (const each of set) {
      expect(each).toMatch(/; HttpOnly(;|$)/);
      expect(each).toMatch(/; SameSite=Lax(;|$)/);
      expect(each).not.toMatch(/Secure/);
    }
  });

  it('A cookie from without HTTPS is none with it', async () => {
    const browser = pages.browser();
    await browser.fill('/member/sign-in', { username: USERNAME, password: PASSWORD });

    const answer = await browser.get('/member/account', { 'x-forwarded-proto': 'https' });

    expect(answer.goesTo).toBe('/member/sign-in');
  });

  it('A session’s ends with the browser, the others after hours, the language after a year', async () => {
    const set = await allSet(pages.browser());
    const ageOf = (name: string) =>
      /Max-Age=(\d+)/.exec(set.find((each) => each.startsWith(`tenure-${name}`)) ?? '')?.[1];

    expect(ageOf('member-session')).toBeUndefined();
    expect(ageOf('member-reset')).toBe('10800');
    expect(ageOf('language')).toBe('31536000');
  });

  it('Nothing in them can be read: the same is never sealed to the same, and has no token in it', async () => {
    const browser = pages.browser();
    await atPin(browser);
    const first = browser.cookies.get('tenure-member-reset')!;
    await atPin(browser);
    const second = browser.cookies.get('tenure-member-reset')!;

    for (const sealed of [first, second]) {
      const plain = Buffer.from(sealed.split('.')[1]!, 'base64url').toString('latin1');
      expect(sealed + plain).not.toMatch(/reset-|token|wants|password/);
    }
    expect(first.slice(0, 20)).not.toBe(second.slice(0, 20));
  });

  it('A changed bit makes a cookie none', async () => {
    const browser = pages.browser();
    await browser.fill('/member/sign-in', { username: USERNAME, password: PASSWORD });
    const name = 'tenure-member-session';
    const [id, body] = browser.cookies.get(name)!.split('.') as [string, string];
    const bytes = Buffer.from(body, 'base64url');
    const answers = [];
    for (const at of [0, 11, 12, Math.floor(bytes.length / 2), bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      browser.cookies.set(name, `${id}.${changed.toString('base64url')}`);
      answers.push((await browser.get('/member/account')).goesTo);
    }

    expect(new Set(answers)).toEqual(new Set(['/member/sign-in']));
  });

  it('They outlive a new key while the old one stands behind it', async () => {
    const [old, fresh] = [randomBytes(32), randomBytes(32)];
    const keysOf = (...keys: Buffer[]) => keys.map((key) => ({ id: key.toString('hex').slice(0, 4), key }));
    const [before, rotated, after] = [
      await startPages({ cookieKeys: keysOf(old) }),
      await startPages({ cookieKeys: keysOf(fresh, old) }),
      await startPages({ cookieKeys: keysOf(fresh) }),
    ];
    const browser = before.browser();
    await browser.fill('/member/password-expired', { username: USERNAME, currentPassword: 'x' });

    const shown = await Promise.all(
      [rotated, after].map(async (each) => {
        const other = each.browser();
        for (const [name, value] of browser.cookies) other.cookies.set(name, value);
        return (await other.get('/member/sign-in')).html.includes(USERNAME);
      }),
    );
    for (const each of [before, rotated, after]) each.stop();

    expect(shown).toEqual([true, false]);
  });
});
