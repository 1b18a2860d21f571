/** What somebody tries who has the address of the pages, or who has a person open a page of their own. */
import { expectNoSecrets, secret } from '../../lab/system/secrets';
import { PASSWORD, PIN, USERNAME, wrongField, problem } from './fake-api';
import { atPin, hiddenIn, startPages, type Answer, type Pages } from './pages';

let pages: Pages;
beforeAll(async () => (pages = await startPages()));
beforeEach(() => pages.api.reset());
afterAll(() => pages.stop());

const signedIn = async () => {
  const browser = pages.browser();
  await browser.fill('/member/sign-in', { username: USERNAME, password: PASSWORD });
  return browser;
};

/** Calls that do something, without those for the facts of portals. */
const effects = () => pages.api.calls.filter(({ method }) => method !== 'GET');

describe('a form on a page of another site', () => {
  it.each([
    ['Sec-Fetch-Site of another site', { 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site of another host of ours', { 'sec-fetch-site': 'same-site' }],
    ['Sec-Fetch-Site of the address bar', { 'sec-fetch-site': 'none' }],
    ['a forged Origin beside it', { 'sec-fetch-site': 'cross-site', origin: 'OURS' }],
    ['Origin of another site', { origin: 'https://evil.example' }],
    ['the Origin of a sandbox', { origin: 'null' }],
    ['our Origin with another port', { origin: 'http://127.0.0.1:1' }],
    ['our Origin with another scheme', { origin: 'OURS-WITH-HTTPS' }],
    ['neither of both', {}],
  ])('With %s it is refused with 403, and nothing reaches the API', async (_what, headers) => {
    const origin = { OURS: pages.origin, 'OURS-WITH-HTTPS': pages.origin.replace('http:', 'https:') };
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, origin[value as 'OURS'] ?? value]),
    );

    const answer = await pages.browser().send('POST', '/member/forgot', sent, { email: 'a@example.com' });

    expect(answer.status).toBe(403);
    expect(answer.html).toContain('This form did not come from our pages');
    expect(effects()).toEqual([]);
  });

  it('A browser that sends Origin alone may use our forms', async () => {
    const answer = await pages
      .browser()
      .send('POST', '/member/forgot', { origin: pages.origin }, { email: 'a@example.com' });

    expect(answer.goesTo).toBe('/member/forgot/pin');
  });

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    '%s is refused, also from our own pages, and does nothing',
    async (method) => {
      const browser = await signedIn();
      const before = effects().length;

      const [foreign, ours] = [
        await browser.send(method, '/member/account'),
        await browser.send(method, '/member/account', { 'sec-fetch-site': 'same-origin' }),
      ];

      expect([foreign.status, ours.status]).toEqual([403, 405]);
      expect(ours.headers.get('allow')).toBe('GET, HEAD, POST');
      expect(effects()).toHaveLength(before);
    },
  );

  it('A link changes nothing: a GET has no effect at the API', async () => {
    const browser = await signedIn();
    const before = effects().length;

    for (const path of ['/member/account?action=sign-out', `/member/forgot?email=a@b.example&once=1`])
      await browser.get(path, { 'sec-fetch-site': 'cross-site' });

    expect(effects()).toHaveLength(before);
  });
});

describe('a step of somebody else’s flow', () => {
  it('A form of another reset does nothing in this browser’s one', async () => {
    const [mine, theirs] = [pages.browser(), pages.browser()];
    await atPin(mine);
    await atPin(theirs);
    const stolen = hiddenIn((await theirs.get('/member/forgot/pin')).html);

    const answers = [
      await mine.post('/member/forgot/pin', { ...stolen, pin: PIN }),
      await mine.post('/member/forgot/pin', { ...stolen, action: 'resend' }),
      await mine.post('/member/forgot/pin', { pin: PIN }),
    ];

    expect(answers.map(({ goesTo }) => goesTo)).toEqual(answers.map(() => '/member/forgot/pin'));
    expect(pages.api.callsOf('/pin')).toEqual([]);
    expect(pages.api.callsOf('/resend')).toEqual([]);
  });

  it.each(['/member/forgot/pin', '/member/forgot/choose'])(
    'Without the cookie of a reset %s begins at the start, whatever is sent',
    async (path) => {
      const theirs = pages.browser();
      await atPin(theirs);
      const stolen = hiddenIn((await theirs.get('/member/forgot/pin')).html);

      const answer = await pages
        .browser()
        .post(path, { ...stolen, pin: PIN, password: PASSWORD, confirmation: PASSWORD });

      expect(answer.goesTo).toBe('/member/forgot');
      expect(effects().filter(({ path: each }) => !each.endsWith('/password-resets'))).toEqual([]);
    },
  );

  it('A step that has not been reached leads to the one that has', async () => {
    const browser = pages.browser();
    await atPin(browser);
    const form = hiddenIn((await browser.get('/member/forgot/pin')).html);

    const answer = await browser.post('/member/forgot/choose', {
      ...form,
      password: PASSWORD,
      confirmation: PASSWORD,
    });

    expect(answer.goesTo).toBe('/member/forgot/pin');
    expect(pages.api.callsOf('/password')).toEqual([]);
  });
});

describe('cookies that somebody else made', () => {
  it('A session that was planted before is not the one after signing in', async () => {
    const attacker = await signedIn();
    const planted = attacker.cookies.get('tenure-member-session')!;
    const victim = pages.browser();
    victim.cookies.set('tenure-member-session', planted);

    await victim.fill('/member/sign-in', { username: USERNAME, password: PASSWORD });
    await victim.get('/member/account');

    expect(victim.cookies.get('tenure-member-session')).not.toBe(planted);
    const [first, second] = pages.api.calls
      .filter(({ method, path }) => method === 'GET' && path === '/v1/session')
      .map(({ headers }) => headers.authorization);
    expect(first).toMatch(/^Bearer session-/);
    expect(second).toBeUndefined();
  });

  it.each([
    ['a readable one', 'session-1234'],
    ['an empty one', ''],
    ['one with a key of another process', 'k9.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['a broken one', 'k1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['one of the object’s own names', '__proto__'],
  ])('A session cookie that is %s signs nobody in', async (_what, value) => {
    const browser = pages.browser();
    browser.cookies.set('tenure-member-session', value);

    const answer = await browser.get('/member/account');

    expect(answer.goesTo).toBe('/member/sign-in');
    expect(pages.api.callsOf('/v1/session')).toEqual([]);
  });

  it('A cookie under another name, and another portal’s, is none', async () => {
    const browser = await signedIn();
    await atPin(browser);
    const session = browser.cookies.get('tenure-member-session')!;
    const reset = browser.cookies.get('tenure-member-reset')!;
    const swapped = pages.browser();
    for (const name of ['tenure-member-session', 'tenure-broker-session', 'tenure-member-sign-in'])
      swapped.cookies.set(name, reset);
    for (const name of ['tenure-member-reset', 'tenure-broker-reset', 'tenure-member-username'])
      swapped.cookies.set(name, session);
    const before = pages.api.calls.length;

    const answers = [await swapped.get('/member/account'), await swapped.get('/member/forgot/pin')];
    const signIn = await swapped.get('/member/sign-in');

    expect(answers.map(({ goesTo }) => goesTo)).toEqual(['/member/sign-in', '/member/forgot']);
    expect(signIn.html).not.toContain(session);
    expect(pages.api.calls.slice(before).filter(({ headers }) => headers.authorization)).toEqual([]);
  });

  it('Cookies of another installation are none', async () => {
    const other = await startPages();
    const browser = await signedIn();

    const stranger = other.browser();
    for (const [name, value] of browser.cookies) stranger.cookies.set(name, value);
    const answer = await stranger.get('/member/account');
    other.stop();

    expect(answer.goesTo).toBe('/member/sign-in');
  });

  it('10 kB of cookies are looked over, and more is refused with 431', async () => {
    const browser = pages.browser();

    const large = await browser.get('/member/sign-in', { cookie: `a=${'x'.repeat(10_000)}; ;=;=b; c` });
    const huge = await browser.get('/member/sign-in', { cookie: `a=${'x'.repeat(20_000)}` });

    expect([large.status, huge.status]).toEqual([200, 431]);
  });

  it('After signing out, "back" asks the server, which asks to sign in', async () => {
    const browser = await signedIn();
    const kept = new Map(browser.cookies);
    const before = await browser.get('/member/account');

    const out = await browser.fill('/member/account', {});
    const cleared = browser.cookies.has('tenure-member-session');
    for (const [name, value] of kept) browser.cookies.set(name, value);
    const back = await browser.get('/member/account');

    expect(before.headers.get('cache-control')).toBe('no-store');
    expect(out.goesTo).toBe('/member/sign-in?signed-out=yes');
    expect(cleared).toBe(false);
    expect(back.goesTo).toBe('/member/sign-in?ended=yes');
  });
});

describe('links that lead elsewhere', () => {
  it.each(['next', 'return', 'returnTo', 'redirect', 'url', 'for', 'lang', 'goTo'])(
    '?%s= of another site leads nobody there',
    async (name) => {
      const browser = pages.browser();
      const evil = encodeURIComponent('https://evil.example/');

      const shown = await browser.get(`/member/sign-in?${name}=${evil}`);
      const signIn = await browser.post(`/member/sign-in?${name}=${evil}`, {
        [name]: 'https://evil.example/',
        username: USERNAME,
        password: PASSWORD,
      });

      expect(signIn.goesTo).toBe('/member/account');
      expect(addressesIn(shown.html).filter((each) => !/^[/#?]/.test(each) || each.startsWith('//'))).toEqual(
        [],
      );
    },
  );

  it.each([
    '//evil.example',
    '//evil.example/member/sign-in',
    '/\\evil.example',
    '/%2fevil.example',
    '/member//evil.example',
    'https://evil.example/member/sign-in',
    '/member/sign-in/../..//evil.example',
    '/%0d%0aLocation:%20https://evil.example',
    '/%E0%A4%A',
    '/member/sign-in/',
    '/Member/Sign-In',
    '/member/sign-in%00',
    '/assets/../../package.json',
    '/assets/%2e%2e/%2e%2e/package.json',
  ])('GET %s is answered here, and every link on the page stays here', async (path) => {
    const answer = await pages.browser().get(path);

    expect(answer.goesTo).toBeNull();
    expect(answer.html).not.toContain('"dependencies"');
    for (const each of addressesIn(answer.html)) {
      expect(new URL(each, `${pages.origin}/member/x`).origin).toBe(pages.origin);
    }
  });

  it('The Host header is nowhere in a page or a redirect', async () => {
    const headers = { host: 'evil.example' };
    const browser = pages.browser(headers);

    const shown = await browser.get('/member/forgot');
    const sent = await browser.post('/member/forgot', { email: 'a@example.com' });

    expect(shown.html + JSON.stringify([...shown.headers])).not.toContain('evil.example');
    expect(sent.goesTo).toBe('/member/forgot/pin');
  });
});

const addressesIn = (html: string): string[] =>
  [...html.matchAll(/\b(?:href|src|action|formaction)="([^"]*)"/g)].map(([, address]) =>
    address!.replaceAll('&amp;', '&').replaceAll('&#47;', '/'),
  );

const HTML = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7777 * 7777 }}{% raw %}\${7777*7777}`;

/** As text, however it is escaped. */
function expectNoHtml({ html }: Answer): void {
  expect(html).not.toMatch(/<script>|<img src=x|60481729/);
}

describe('HTML and templates where text belongs', () => {
  it('What is typed is shown as it was typed, once, and never as HTML', async () => {
    pages.api.instead = ({ method, path }) =>
      method === 'POST'
        ? wrongField(path.endsWith('sessions') ? '/username' : '/email', 'wrong_format')
        : undefined;

    const answers = [
      await pages.browser().fill('/member/sign-in', { username: HTML, password: HTML }),
      await pages.browser().fill('/member/forgot', { email: HTML, for: HTML, once: HTML, reset: HTML }),
      await pages.browser().fill('/member/password-expired', { username: HTML, currentPassword: HTML }),
    ];

    for (const answer of answers) {
      expect(answer.status).toBe(422);
      expectNoHtml(answer);
      expect(answer.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    }
    expect(answers.map(({ html }) => html.split('alert(1)&lt;/script').length - 1)).toEqual([1, 1, 1]);
  });

  it('What the API says is text, in every place of a page', async () => {
    pages.api.firstName = HTML;
    pages.api.sentTo = HTML;
    const browser = await signedIn();
    await atPin(browser);
    const shown = [await browser.get('/member/account'), await browser.get('/member/forgot/pin')];
    pages.api.instead = ({ path }) => {
      if (path.endsWith('/pin')) return wrongField('/pin', 'pin_wrong', HTML);
      if (path.endsWith('/sessions')) return problem(401, 'credentials_wrong', { title: HTML, detail: HTML });
      return undefined;
    };
    const refused = [
      await browser.fill('/member/forgot/pin', { pin: '1' }),
      await browser.fill('/member/sign-in', { username: 'a', password: 'b' }),
    ];

    for (const answer of [...shown, ...refused]) {
      expectNoHtml(answer);
      expect(answer.html).toContain('&lt;script&gt;');
      expect(answer.html).not.toContain('&amp;lt;');
    }
    expect(refused.map(({ status }) => status)).toEqual([422, 422]);
  });

  it('A query is text too', async () => {
    const query = encodeURIComponent(HTML);
    for (const path of [`/member/forgot?for=${query}`, `/member/sign-in?${query}=${query}&ended=${query}`])
      expectNoHtml(await pages.browser().get(path));
  });

  it.each([
    ['a language with a line break', 'es\r\nSet-Cookie: a=b'],
    ['an unknown language', 'xx-<script>, ../../etc/passwd;q=0.9'],
    ['hundreds of languages', Array.from({ length: 500 }, (_, index) => `x${index}`).join(',')],
    ['nothing', ''],
  ])('?lang= with %s, and the same as a cookie or a header, is English', async (_what, language) => {
    const browser = pages.browser();
    browser.cookies.set('tenure-language', encodeURIComponent(language));

    const headers = { 'accept-language': language.replaceAll(/[\r\n]/g, ' ') };
    const answer = await browser.get(`/member/sign-in?lang=${encodeURIComponent(language)}`, headers);
    await browser.post('/member/forgot', { email: 'a@example.com' }, headers);

    expect(answer.html).toContain('<html lang="en"');
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(pages.api.calls.at(-1)?.headers['accept-language']).toBe('en');
  });

  it('A name with line breaks makes no header', async () => {
    pages.api.firstName = 'Eve\r\nSet-Cookie: a=b\r\n\r\n<html>';

    const browser = await signedIn();
    const answer = await browser.get('/member/account');

    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect([...browser.cookies.keys()]).toEqual(['tenure-member-session']);
  });

  it('A user ID with line breaks is kept, and makes no header', async () => {
    pages.api.instead = ({ path }) =>
      path.endsWith('/sessions') ? problem(403, 'password_expired') : undefined;
    const browser = pages.browser();

    const answer = await browser.post('/member/sign-in', {
      username: 'eve\r\nSet-Cookie: a=b',
      password: 'x',
    });

    expect(answer.goesTo).toBe('/member/password-expired');
    expect(answer.headers.getSetCookie()).toHaveLength(1);
  });

  it('A request id that is no harmless word is replaced, and the API gets the new one', async () => {
    const answer = await pages
      .browser({ 'x-request-id': 'a b"}{"level":60' })
      .post('/member/forgot', { email: 'a@example.com' });

    expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
    expect(pages.api.calls[0]?.headers['x-request-id']).toBe(answer.headers.get('x-request-id'));
  });
});

describe('forms that are not like ours', () => {
  it('A field that is sent twice counts as not sent', async () => {
    const browser = pages.browser();
    await atPin(browser);
    const { reset } = hiddenIn((await browser.get('/member/forgot/pin')).html);

    const answer = await browser.post('/member/forgot/pin', `reset=${reset}&pin=9999&pin=${PIN}`);

    expect(answer.status).toBe(422);
    expect(pages.api.callsOf('/pin').map(({ body }) => body)).toEqual([{ pin: '' }]);
  });

  it('Names of objects’ own properties are no fields', async () => {
    const answer = await pages
      .browser()
      .post(
        '/member/forgot',
        '__proto__=a&constructor=b&toString=c&hasOwnProperty=d&email[x]=e&email=f@example.com',
      );

    expect(answer.goesTo).toBe('/member/forgot/pin');
    expect(effects().map(({ body }) => body)).toEqual([{ email: 'f@example.com' }]);
  });

  it.each([
    ['more than 32 kB', `email=${'x'.repeat(40_000)}`, {}, 413],
    ['more than 50 fields', Array.from({ length: 60 }, (_, index) => `f${index}=x`).join('&'), {}, 413],
    [
      'a character set that nobody knows',
      'email=x',
      { 'content-type': 'application/x-www-form-urlencoded; charset=x' },
      400,
    ],
    ['broken compression', 'email=x', { 'content-encoding': 'gzip' }, 400],
    ['an unknown compression', 'email=x', { 'content-encoding': 'zip' }, 400],
  ])('A form with %s is refused, and nothing reaches the API', async (_what, body, headers, status) => {
    const answer = await pages.browser().post('/member/forgot', body, headers);

    expect(answer.status).toBe(status);
    expect(answer.html).toContain('<h1');
    expect(effects()).toEqual([]);
  });

  it.each([
    ['JSON', 'application/json', '{"email":"a@example.com"}'],
    ['a file', 'multipart/form-data; boundary=x', '--x\r\n\r\n--x--'],
    ['nothing', 'text/plain', 'email=a@example.com'],
  ])('%s is a form without fields', async (_what, type, body) => {
    pages.api.instead = ({ method }) => (method === 'POST' ? wrongField('/email', 'required') : undefined);

    const answer = await pages.browser().post('/member/forgot', body, { 'content-type': type });

    expect(answer.status).toBe(422);
    expect(effects().map(({ body: each }) => each)).toEqual([{ email: '' }]);
  });

  it.each(['a b', '', 'x'.repeat(100), '"}', '../..'])(
    'The mark %j of a form reaches the API as a digest alone',
    async (once) => {
      await pages.browser().post('/member/forgot', { email: 'a@example.com', once });

      expect(effects()[0]?.headers['idempotency-key']).toMatch(/^[\w-]{43}$/);
    },
  );
});

describe('a form that is sent twice', () => {
  const keysSent = () => new Set(effects().map(({ headers }) => headers['idempotency-key']));

  it('Both have one Idempotency-Key, and a page that is opened again has another one', async () => {
    const browser = pages.browser();
    const form = hiddenIn((await browser.get('/member/forgot')).html);
    const again = hiddenIn((await browser.get('/member/forgot')).html);

    await Promise.all([1, 2].map(() => browser.post('/member/forgot', { ...form, email: 'a@example.com' })));

    expect(effects()).toHaveLength(2);
    expect(keysSent().size).toBe(1);
    expect(again['once']).not.toBe(form['once']);
  });

  it('Sent with other content, from a page that was kept, it is something else', async () => {
    const browser = pages.browser();
    const form = hiddenIn((await browser.get('/member/forgot')).html);

    for (const email of ['a@example.com', 'b@example.com', 'a@example.com'])
      await browser.post('/member/forgot', { ...form, email });

    expect(effects()).toHaveLength(3);
    expect(keysSent().size).toBe(2);
  });

  it('The second one waits for the answer of the first', async () => {
    let tries = 0;
    pages.api.instead = ({ method }) => {
      if (method !== 'POST' || tries++ > 0) return undefined;
      const { body, status } = problem(409, 'request_in_progress');
      return { status, body, headers: { 'retry-after': '0' } };
    };

    const answer = await pages.browser().fill('/member/forgot', { email: 'a@example.com' });

    expect(answer.goesTo).toBe('/member/forgot/pin');
    expect(tries).toBe(2);
  });

  it('A form that was refused is another one afterwards; one that nobody answered is the same', async () => {
    const browser = pages.browser();
    const form = hiddenIn((await browser.get('/member/forgot')).html);
    const send = () => browser.post('/member/forgot', { ...form, email: 'a@example.com' });

    pages.api.instead = ({ method }) =>
      method === 'POST' ? wrongField('/email', 'wrong_format') : undefined;
    const refused = hiddenIn((await send()).html);
    pages.api.instead = ({ method }) => (method === 'POST' ? problem(503, 'unavailable') : undefined);
    const unanswered = hiddenIn((await send()).html);

    expect(refused['once']).not.toBe(form['once']);
    expect(unanswered['once']).toBe(form['once']);
  });
});

describe('what browsers and proxies are told', () => {
  it.each(['/', '/member/sign-in', '/member/nothing', '/assets/nothing', '/healthz'])(
    '%s may not be framed, sniffed or told to others, and runs nothing that is inline',
    async (path) => {
      const { headers } = await pages.browser().get(path);

      const policy = headers.get('content-security-policy') ?? '';
      expect(policy.split(';').toSorted()).toEqual([
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
      ]);
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('etag')).toBeNull();
    },
  );

  it('Pages are kept by nobody, and what they load for a year', async () => {
    const browser = pages.browser();
    const { html, headers } = await browser.get('/member/sign-in');
    const [style] = /\/assets\/pages\.css\?v=[\w-]+/.exec(html) ?? [];
    const asset = await browser.get(style!);
    const post = await browser.post('/member/forgot', { email: 'a@example.com' });
    const unknown = await browser.get('/member/nothing');

    for (const each of [headers, post.headers, unknown.headers])
      expect(each.get('cache-control')).toBe('no-store');
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it('Nothing is inline in a page', async () => {
    for (const path of ['/', '/member/sign-in', '/member/forgot', '/member/help', '/member/nothing']) {
      const { html } = await pages.browser().get(path);
      expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/);
      expect(html).not.toMatch(/<script(?![^>]*\ssrc="\/assets\/)/);
    }
  });
});

describe('what proxies say', () => {
  const forged = {
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
    forwarded: 'for=203.0.113.7;proto=https;host=evil.example',
  };

  it('Without TRUST_PROXY nobody says where a request came from', async () => {
    const browser = pages.browser(forged);

    const answer = await browser.fill('/member/forgot', { email: 'a@example.com' });

    expect(pages.api.calls.map(({ headers }) => headers['x-forwarded-for'])).toEqual(
      pages.api.calls.map(() => '127.0.0.1'),
    );
    expect(pages.api.calls.map(({ headers }) => headers.forwarded)).toEqual(
      pages.api.calls.map(() => undefined),
    );
    expect(answer.headers.getSetCookie()[0]).toMatch(/^tenure-member-reset=/);
    expect(answer.goesTo).toBe('/member/forgot/pin');
  });

  it('With TRUST_PROXY the API counts the person’s address', async () => {
    const behind = await startPages({ trustProxy: 'loopback' });

    await behind.browser({ 'x-forwarded-for': '10.9.9.9, 203.0.113.7' }).get('/member/help');
    behind.stop();

    expect(behind.api.calls[0]?.headers['x-forwarded-for']).toBe('203.0.113.7');
  });
});

describe('logs', () => {
  it('Nothing that was typed, and no token or cookie, is in the log, also when a page fails', async () => {
    const browser = pages.browser({ 'user-agent': secret('agent-Zq81') });
    const typed = { username: secret('eve.Zq82'), password: secret('Zq83aaaa') };
    await browser.fill('/member/sign-in', typed);
    await browser.fill('/member/forgot', { email: secret('eve.Zq84@example.com') });
    await browser.fill('/member/forgot/pin', { pin: secret('98431') });
    await browser.get(`/member/sign-in?username=${secret('eve.Zq85')}&lang=es`);
    await browser.get(`/member/${secret('eve.Zq86')}`);
    pages.api.instead = ({ path }) =>
      path.endsWith('/sessions') ? { status: 200, body: { account: typed } } : undefined;
    const failed = await browser.fill('/member/sign-in', { ...typed, username: secret('eve.Zq87') });
    for (const [name, value] of browser.cookies) if (name !== 'tenure-language') secret(value);
    for (const { headers } of pages.api.calls)
      if (headers.authorization) secret(headers.authorization.slice(7));

    expect(failed.status).toBe(500);
    expect(failed.html).not.toMatch(/\bat \w+|Error|node_modules/);
    expect(pages.log()).toContain('"route":"/member/sign-in"');
    expect(pages.log()).toContain('a page failed');
    expectNoSecrets('the log', pages.log());
  });
});
