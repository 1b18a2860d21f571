/** What people see when the API is away, slow, or not itself. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApiClient, ApiProblem } from '../../src/web/api-client';
import { PASSWORD, PIN, USERNAME, problem, type FakeAnswer } from './fake-api';
import { atPin, hiddenIn, secondsLater, startPages, type Pages } from './pages';

let pages: Pages;
beforeAll(async () => (pages = await startPages()));
beforeEach(() => pages.api.reset());
afterEach(() => jest.restoreAllMocks());
afterAll(() => pages.stop());

/** Every call but those that only look. */
const everyPost = (answer: FakeAnswer) => {
  pages.api.instead = ({ method }) => (method === 'POST' ? answer : undefined);
};

describe('an API that does not answer as it should', () => {
  it.each<[what: string, FakeAnswer]>([
    ['says that it is unavailable', problem(503, 'unavailable')],
    ['is a proxy with HTML', { status: 502, body: '<h1>Bad gateway</h1>' }],
    ['is a proxy with JSON of its own', { status: 504, body: { message: 'timeout' } }],
    ['answers nothing', { status: 200, body: '' }],
    ['answers HTML', { status: 200, body: '<html>' }],
    ['answers half of it', { status: 202, body: '{"id": "a' }],
    ['answers a number', { status: 200, body: '7' }],
    ['answers null', { status: 200, body: 'null' }],
    ['sends elsewhere', { status: 302, headers: { location: 'https://evil.example/' } }],
    [
      'has a date for Retry-After',
      { ...problem(503, 'unavailable'), headers: { 'retry-after': 'Mon, 30 Nov 2026 00:00:00 GMT' } },
    ],
  ])('When it %s, the form is there with what was typed, 503, and the same mark', async (_what, answer) => {
    const browser = pages.browser();
    const form = hiddenIn((await browser.get('/member/forgot?for=user-id')).html);
    everyPost(answer);

    const shown = await browser.post('/member/forgot', { ...form, email: 'maria@example.com' });

    expect(shown.status).toBe(503);
    expect(shown.html).toContain('value="maria@example.com"');
    expect(shown.html).toContain('Nothing is lost. Wait a moment, then send it again.');
    expect(shown.html).toContain('<title>Error: Forgot your user ID?');
    expect(hiddenIn(shown.html)).toEqual(form);
    expect(shown.html).not.toContain('evil.example');
    expect(shown.headers.get('retry-after') ?? '5').toMatch(/^\d+$/);
  });

  it('Passwords and PINs are not kept, and the step of a reset is said to be away', async () => {
    const browser = pages.browser();
    await atPin(browser);
    const form = hiddenIn((await browser.get('/member/forgot/pin')).html);
    everyPost(problem(503, 'unavailable'));

    const signIn = await browser.fill('/member/sign-in', { username: USERNAME, password: PASSWORD });
    const pin = await browser.post('/member/forgot/pin', { ...form, pin: PIN });
    pages.api.instead = () => problem(503, 'unavailable');
    const away = await browser.post('/member/forgot/pin', { ...form, pin: PIN });

    expect([signIn.status, pin.status, away.status]).toEqual([503, 503, 503]);
    expect(signIn.html).toContain(`value="${USERNAME}"`);
    expect(signIn.html + pin.html + away.html).not.toMatch(new RegExp(`${PASSWORD}|"${PIN}"`));
    expect(away.html).toContain('We cannot answer right now');
  });

  it('Once the facts of a portal were read, a page is shown while the API is away', async () => {
    await pages.browser().get('/member/sign-in');
    pages.api.instead = () => problem(503, 'unavailable');

    const browser = pages.browser();
    const [shown, begin, account] = [
      await browser.get('/member/sign-in'),
      await browser.get('/member/forgot'),
      await browser.get('/member/account'),
    ];

    expect([shown.status, begin.status]).toEqual([200, 200]);
    expect(account.goesTo).toBe('/member/sign-in');
  });

  it('A process that never reached it says so, and shows pages as soon as it does', async () => {
    const fresh = await startPages();
    fresh.api.instead = () => problem(503, 'unavailable');
    const browser = fresh.browser();

    const away = await browser.get('/member/sign-in');
    fresh.api.instead = undefined;
    const back = await browser.get('/member/sign-in');
    fresh.stop();

    expect([away.status, back.status]).toEqual([503, 200]);
    expect(away.headers.get('retry-after')).toBe('5');
    expect(away.html).not.toContain('href="//');
  });

  it('Nobody listening is the same', async () => {
    const nobody = await startPages({ apiUrl: 'http://127.0.0.1:1' });

    const away = await nobody.browser().get('/member/sign-in');
    nobody.stop();

    expect(away.status).toBe(503);
  });

  it('A session stays while the API is away', async () => {
    const browser = pages.browser();
    await browser.fill('/member/sign-in', { username: USERNAME, password: PASSWORD });
    pages.api.instead = ({ path }) => (path === '/v1/session' ? problem(503, 'unavailable') : undefined);

    const away = await browser.get('/member/account');
    pages.api.instead = undefined;
    const back = await browser.get('/member/account');

    expect([away.status, back.status]).toEqual([503, 200]);
  });

  it('A session that is ended elsewhere between two calls of one page leads to signing in', async () => {
    const browser = pages.browser();
    await browser.fill('/member/sign-in', { username: USERNAME, password: PASSWORD });
    const kept = browser.cookies.get('tenure-member-session')!;
    const form = hiddenIn((await browser.get('/member/account')).html);
    pages.api.instead = ({ path }) =>
      path.startsWith('/v1/session/') ? problem(401, 'unauthorized') : undefined;

    const shown = await browser.get('/member/account');
    browser.cookies.set('tenure-member-session', kept);
    const sent = await browser.post('/member/account', { ...form, action: 'sign-out-everywhere' });

    expect([shown.goesTo, sent.goesTo]).toEqual(Array(2).fill('/member/sign-in?ended=yes'));
    expect(browser.cookies.has('tenure-member-session')).toBe(false);
  });

  it('A reset that the API does not know any more begins anew', async () => {
    const browser = pages.browser();
    await atPin(browser);
    const form = hiddenIn((await browser.get('/member/forgot/pin')).html);
    pages.api.instead = ({ path }) =>
      path.startsWith('/v1/password-resets') ? problem(401, 'unauthorized') : undefined;
    secondsLater();
    const kept = browser.cookies.get('tenure-member-reset')!;
    const answers = [];
    for (const path of [
      '/member/forgot/pin',
      '/member/forgot/choose',
      '/member/forgot/done',
      '/member/forgot/ended',
    ]) {
      browser.cookies.set('tenure-member-reset', kept);
      answers.push(await browser.get(path));
    }
    browser.cookies.set('tenure-member-reset', kept);
    answers.push(await browser.post('/member/forgot/pin', { ...form, pin: PIN }));

    expect(answers.map(({ goesTo }) => goesTo)).toEqual(answers.map(() => '/member/forgot'));
    expect(browser.cookies.has('tenure-member-reset')).toBe(false);
  });

  it('Too many requests are answered with the wait in words', async () => {
    everyPost({ ...problem(429, 'rate_limited'), headers: { 'retry-after': '120' } });

    const shown = await pages.browser().fill('/member/forgot', { email: 'maria@example.com' });

    expect(shown.status).toBe(429);
    expect(shown.headers.get('retry-after')).toBe('120');
    expect(shown.html).toContain('Wait 2 minutes, then try again.');
  });

  it('What is wrong inside it is no detail of ours', async () => {
    everyPost(problem(500, 'internal', { detail: 'select * from accounts' }));

    const shown = await pages.browser().fill('/member/forgot', { email: 'maria@example.com' });

    expect(shown.status).toBe(500);
    expect(shown.html).not.toContain('select');
  });

  it('An API that takes too long is away', async () => {
    const slow = createServer(() => undefined);
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const { port } = slow.address() as AddressInfo;
    const send = createApiClient(`http://127.0.0.1:${port}`, 50);

    const failed: unknown = await send(
      { language: 'en', address: '127.0.0.1', requestId: 'r' },
      { method: 'GET', path: '/v1/session' },
    ).catch((error: unknown) => error);
    slow.close().closeAllConnections();

    expect(failed).toBeInstanceOf(ApiProblem);
    expect((failed as ApiProblem).problem).toMatchObject({ status: 503, code: 'unavailable' });
  });

  it('Maintenance is said on every address, and nothing reaches the API', async () => {
    const closed = await startPages({ maintenance: true });
    const browser = closed.browser();

    const answers = [
      await browser.get('/'),
      await browser.get('/member/forgot/pin'),
      await browser.post('/member/forgot', { email: 'a@example.com' }),
    ];
    const [health, style] = [await browser.get('/healthz'), await browser.get('/assets/pages.css')];
    closed.stop();

    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(answer.html).toContain('We are working on the portal');
    }
    expect([health.status, style.status]).toEqual([200, 200]);
    expect(closed.api.calls).toEqual([]);
  });
});
