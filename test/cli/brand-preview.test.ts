import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createPreview } from '../../src/cli/brand-preview';
import { brandCommand } from '../../src/cli/brand';
import { freePort } from '../../lab/stack/ports';
import { until } from '../support/until';
import { brandFolder, writeIn } from '../support/brand';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** A preview of the folder; what it answers on a path. */
async function previewOf(folder?: string) {
  const port = await freePort();
  const server = createPreview(folder);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  closers.push(() => server.close().closeAllConnections());
  return async (path = '/') => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { response, body: await response.text() };
  };
}

const title = (en: string) => JSON.stringify({ emails: { pin: { title: en } } });

it('lists every email in every state, and shows the chosen one in each language, scheme and width with its text', async () => {
  const get = await previewOf();

  const { body } = await get('/?email=2');

  expect(body.match(/<h2>[a-z-]+[.]njk<\/h2>/g)).toHaveLength(17);
  expect(body).toContain('<a href="/?email=2" aria-current="page">late</a>');
  for (const language of ['en', 'es']) {
    expect(body.split(`src="/emails/2/${language}"`)).toHaveLength(5);
    expect(body).toContain(`<pre lang="${language}">`);
  }
  expect(body).toContain('en: <span lang="en">Member Portal: your temporary PIN<');
  expect((await get('/emails/2/es')).body).toContain('lang="es"');
});

it('asks the network for nothing, and lets neither page nor email bring a script of its own', async () => {
  const get = await previewOf();

  const policies = await Promise.all(
    ['/', '/emails/0/en'].map(async (path) =>
      (await get(path)).response.headers.get('content-security-policy'),
    ),
  );

  expect(policies).toEqual([
    expect.stringMatching(/^default-src 'none'; script-src 'self'; style-src 'self';/),
    expect.stringMatching(/^default-src 'none'; style-src 'unsafe-inline'; img-src data:;/),
  ]);
  expect((await get('/')).body).not.toMatch(/https?:|\bon\w+=|style=/);
});

it('shows the folder as it is now, and tells the page when a file has changed', async () => {
  const folder = brandFolder({ 'locales/en.json': title('Your code') });
  const get = await previewOf(folder);
  const before = await get('/fingerprint');
  expect((await get()).body).toContain(`data-fingerprint="${before.body}"`);
  expect((await get('/emails/0/en')).body).toContain('Your code');

  writeIn(folder, 'locales/en.json', title('Your digits'));

  expect((await get('/fingerprint')).body).not.toBe(before.body);
  expect((await get('/emails/0/en')).body).toContain('Your digits');
});

it('has as many digits as the PINs of the folder', async () => {
  const get = await previewOf(
    brandFolder({ 'portal.yaml': { portals: { member: { pin: { digits: 6 } } } } }),
  );

  expect((await get('/emails/0/en')).body).toContain('078523');
});

it('shows what is wrong with a folder, and its emails as soon as nothing is', async () => {
  const folder = brandFolder({ 'portal.yaml': 'langages: [en]\n<b>: 1\n' });
  const get = await previewOf(folder);

  const wrong = await get();
  writeIn(folder, 'portal.yaml', 'languages: [en]\n');
  const good = await get();
  rmSync(folder, { recursive: true });
  const gone = await get();
  writeIn(folder, 'portal.yaml', 'languages: [en]\n');

  expect(wrong.body).toContain('This folder is wrong');
  expect(wrong.body).toContain(`<li>${join(folder, 'portal.yaml')}:1: langages: nothing reads this`);
  expect(wrong.body).toContain(`portal.yaml:2: &lt;b&gt;: nothing reads this`);
  expect((await get('/emails/0/en')).response.status).toBe(200);
  expect(good.body).toContain('src="/emails/0/en"');
  expect(gone.body).toContain('there is no folder');
});

it('names an email that cannot be written, and shows the others', async () => {
  const template = '{% extends layout %}{% block body %}{{ nobody.knows }}{% endblock %}';
  const get = await previewOf(brandFolder({ 'email/pin.njk': template }));

  const { body } = await get('/?email=0');

  expect(body).toContain('It cannot be written');
  expect(body.match(/<strong>cannot be written/g)).toHaveLength(6);
  expect((await get('/emails/0/en')).response.status).toBe(404);
  expect((await get('/emails/6/en')).response.status).toBe(200);
});

/** The links of the menu, by the text of each. */
const linksIn = (body: string): readonly (readonly [address: string, state: string])[] =>
  [...body.matchAll(/<a href="([^"]+)"[^>]*>([^<]*)/g)].map(([, address = '', state = '']) => [
    address,
    state,
  ]);

it('lists every page in every state, and shows the chosen one in each language and width, as the pages make it', async () => {
  const get = await previewOf('brand/example-mutual');
  const [address] = linksIn((await get()).body).find(([, state]) => state === 'asked again too soon')!;

  const { body } = await get(address);
  const index = /\d+/.exec(address)![0];
  const { response, body: french } = await get(`/pages/${index}/fr`);

  expect(body).toContain('<h1>/member/forgot/pin: asked again too soon</h1>');
  for (const language of ['en', 'es', 'fr']) {
    expect(body.split(`src="/pages/${index}/${language}"`)).toHaveLength(3);
    expect(body).toContain(`${language}: views/reset-pin.njk`);
  }
  expect(french).toContain('<html lang="fr"');
  expect(french).toContain('Espace membres Example Mutual');
  expect(response.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; script-src 'self'; style-src 'self'; .*frame-ancestors 'self'$/,
  );
});

it('what pages load is there: styles, scripts, and the colors and logo of the folder', async () => {
  const get = await previewOf(
    brandFolder({ 'brand.css': '.own { color: red }', 'logo.svg': '<svg id="own"></svg>' }),
  );
  const { body } = await get('/pages/0/en');
  const addresses = [...body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(
    ([, address = '']) => address,
  );

  const loaded = await Promise.all(addresses.map(async (address) => (await get(address)).body));

  expect(loaded.length).toBeGreaterThan(4);
  expect(loaded.join('\n')).toContain('.own { color: red }');
  expect(loaded.join('\n')).toContain('<svg id="own">');
  expect(await get('/member/session/left')).toMatchObject({ body: '{"seconds":null}' });
});

it('shows a view of the folder in the place of ours, as it is now, or why it cannot be shown', async () => {
  const view = (content: string) => `{% extends "layout.njk" %}{% block content %}${content}{% endblock %}`;
  const folder = brandFolder({ 'views/start.njk': view('Our own start') });
  const get = await previewOf(folder);
  const first = await get('/pages/0/en');

  writeIn(folder, 'views/start.njk', view('{{ nobody.knows() }}'));
  const { body } = await get('/?page=0');

  expect(first.body).toContain('Our own start');
  expect(body).toContain('It cannot be shown:');
  expect(body).toContain('start.njk');
  expect((await get('/pages/0/en')).response.status).toBe(404);
});

it.each(['/pages/999/en', '/pages/0/xx', '/emails/999/en', '/emails/0/xx', '/emails/0', '/favicon.ico'])(
  'has nothing at %s',
  async (path) => {
    const get = await previewOf();

    expect((await get(path)).response.status).toBe(404);
  },
);

it('brand preview says where it is, and ends with Ctrl-C', async () => {
  const port = await freePort();
  let out = '';
  let err = '';
  const ended = brandCommand(
    ['preview', brandFolder({}), '--port', String(port)],
    {},
    { out: (text) => (out += text), err: (text) => (err += text) },
  );
  await until(() => out !== '');
  expect(out).toBe(`http://127.0.0.1:${port} (Ctrl-C ends it)\n`);
  expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(200);

  process.emit('SIGINT');

  expect([await ended, err]).toEqual([0, '']);
});
