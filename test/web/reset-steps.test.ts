/** How often pages ask the API how a reset stands: each time is a query of its run. */
import { PIN } from './fake-api';
import { atPin, secondsLater, startPages, type Browser, type Pages } from './pages';

let pages: Pages;
beforeAll(async () => (pages = await startPages()));
beforeEach(() => pages.api.reset());
afterEach(() => jest.restoreAllMocks());
afterAll(() => pages.stop());

const asked = () => pages.api.calls.filter(({ method, path }) => method === 'GET' && path.includes('resets'));

/** Follows, as a browser does. */
async function sent(browser: Browser, path: string, fields: Readonly<Record<string, string>>) {
  const { goesTo } = await browser.fill(path, fields);
  return browser.get(goesTo!);
}

describe('a reset through the pages', () => {
  it('Whoever goes straight through it causes no question: each form’s answer is enough for the next page', async () => {
    const browser = pages.browser();

    const pin = await sent(browser, '/member/forgot', { email: 'maria@example.com' });
    const choose = await sent(browser, '/member/forgot/pin', { pin: PIN });
    const done = await sent(browser, '/member/forgot/choose', { password: 'x', confirmation: 'x' });

    expect([pin, choose, done].map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(asked()).toEqual([]);
  });

  it('A page that is opened later is asked for, and one in another language', async () => {
    const browser = pages.browser();
    await atPin(browser);

    await browser.get('/member/forgot/pin?lang=es');
    expect(asked()).toHaveLength(1);
    secondsLater();
    await browser.get('/member/forgot/pin?lang=en');
    expect(asked()).toHaveLength(2);
  });

  it('A form that is sent an hour later is not asked for before; after a refusal the page is', async () => {
    const browser = pages.browser();
    await atPin(browser);
    secondsLater();
    await browser.get('/member/forgot/pin');
    pages.api.calls.length = 0;

    const { status } = await browser.fill('/member/forgot/pin', { pin: '9' });

    expect(status).toBe(422);
    const [shown, refused, again] = pages.api.calls.map(({ method }) => method).slice(-3);
    expect([shown, refused, again]).toEqual(['GET', 'POST', 'GET']);
  });

  it('A PIN typed on a page that was gone back to is no guess: the reset has got further', async () => {
    const browser = pages.browser();
    await atPin(browser);
    const { html } = await browser.get('/member/forgot/pin');
    const reset = /name="reset" value="([^"]+)"/.exec(html)![1]!;
    await browser.fill('/member/forgot/pin', { pin: PIN });
    secondsLater();
    pages.api.calls.length = 0;

    const { goesTo } = await browser.post('/member/forgot/pin', { reset, once: 'x', pin: '9999' });

    expect(goesTo).toBe('/member/forgot/choose');
    expect(pages.api.callsOf('/pin')).toEqual([]);
  });
});
