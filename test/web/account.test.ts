/** The account page of a member. */
import { PASSWORD, USERNAME } from './fake-api';
import { startPages, type Pages } from './pages';

let pages: Pages;
beforeAll(async () => (pages = await startPages()));
afterAll(() => pages.stop());

it('The language can be changed there, and stays', async () => {
  const browser = pages.browser();
  await browser.fill('/member/sign-in', { username: USERNAME, password: PASSWORD });
  const account = await browser.get('/member/account');
  const [, list = ''] = /<dl[^>]*>([\s\S]*?)<\/dl>/.exec(account.html) ?? [];
  const [, link] = /href="(\?lang=es)"/.exec(list) ?? [];

  await browser.get(`/member/account${link}`);
  const later = await browser.get('/member/account');

  expect(later.html).toContain('<html lang="es"');
});
