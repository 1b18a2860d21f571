import { gzipSync } from 'node:zlib';
import { startPages, type Browser, type Pages } from './pages';

let pages: Pages;
let browser: Browser;
beforeAll(async () => {
  pages = await startPages();
  browser = pages.browser();
});
afterAll(() => pages.stop());

const ASSET = /\/assets\/[\w.-]+\?v=[\w-]+/g;

/** The page, and all that browsers load for it, by address. */
async function loaded(path: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const load = async (address: string): Promise<void> => {
    if (found.has(address)) return;
    const { status, html } = await browser.get(address);
    expect([address, status]).toEqual([address, 200]);
    found.set(address, html);
    for (const [inner] of html.matchAll(ASSET)) await load(inner);
  };
  await load(path);
  return found;
}

describe('what browsers load', () => {
  it('A page with its styles and scripts is under 60 kB gzipped', async () => {
    const all = await loaded('/member/forgot');
    const bytes = [...all.values()].map((content) => gzipSync(content).length);

    expect(new Set([...all.keys()].map((address) => address.split('?')[0]))).toEqual(
      new Set([
        '/assets/brand.css',
        '/assets/govuk-frontend.js',
        '/assets/logo.svg',
        '/assets/pages.css',
        '/assets/pages.js',
        '/member/forgot',
      ]),
    );
    expect(bytes.reduce((sum, each) => sum + each)).toBeLessThan(60_000);
  });

  it('Styles and scripts come compressed, pages do not: their length could tell what is in them', async () => {
    const gzip = { 'accept-encoding': 'gzip' };
    const [style] = [...(await loaded('/')).keys()].filter((address) => address.includes('pages.css'));

    const [asset, page] = [await browser.get(style!, gzip), await browser.get('/member/sign-in', gzip)];

    expect(asset.headers.get('content-encoding')).toBe('gzip');
    expect(page.headers.get('content-encoding')).toBeNull();
  });

  it('Nothing in them is loaded from elsewhere, and nothing shows the crown or another’s typeface', async () => {
    const all = [...(await loaded('/member/sign-in'))];
    const styles = all.filter(([address]) => address.includes('.css')).map(([, content]) => content);

    expect(styles.join('\n')).not.toMatch(/url\(|@import|@font-face|GDS/);
    expect(all.find(([address]) => address === '/member/sign-in')?.[1]).not.toMatch(/GOV\.UK|crown/i);
  });
});
