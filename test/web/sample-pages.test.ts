/** What the preview of a brand shows of the web: every page, in every language, made by the page's own code. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileSystemLoader } from 'nunjucks';
import { projectRoot } from '../../lab/stack/project-root';
import { JOURNEY_RULES } from '../../lab/system/page-visitor';
import { catalogOf } from '../../src/adapters/brand/catalog';
import { readFolderFile } from '../../src/adapters/brand/folder-file';
import { loadBrand } from '../../src/adapters/brand/load-brand';
import { problemStatuses } from '../../src/api/http/problems';
import { pages } from '../../src/web/app';
import { STATUSES } from '../../src/web/samples/sample';
import { createSampleSite } from '../../src/web/samples/sample-site';
import { brandFolder } from '../support/brand';

const DEFAULT = join(projectRoot, 'brand/default');

/** Every page is there with these rules. */
const brand = loadBrand(brandFolder({ 'portal.yaml': JOURNEY_RULES }));
const site = createSampleSite(brand);

/** Every sample in every language, as a browser gets it. */
const shownBy = ({ samples, show }: typeof site, languages: readonly string[]) =>
  Promise.all(
    samples().flatMap((sample) =>
      languages.map(async (language) => {
        const { html } = await show(sample, language);
        return { name: `${sample.path} (${sample.state}) in ${language}`, language, html };
      }),
    ),
  );

it('samples have the statuses of the API, of which pages take no values', () => {
  expect(problemStatuses).toMatchObject(STATUSES);
});

it('every page has a sample, and every view is shown by one', async () => {
  const { viewFolders } = brand;
  const shown = new Set<string>();
  const read = jest.spyOn(FileSystemLoader.prototype, 'getSource');
  await shownBy(createSampleSite(brand), ['en']);
  for (const [name] of read.mock.calls) shown.add(name);
  read.mockRestore();

  const paths = site.samples().map(({ path }) => path.split('?')[0]);
  expect(pages.map(({ path }) => path).filter((path) => !paths.includes(path))).toEqual([]);
  const views = viewFolders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.njk')),
  );
  expect(views.filter((name) => !shown.has(name))).toEqual([]);
});

it('no two samples of a page look the same, and each has the state that it says', async () => {
  const shown = await shownBy(site, ['en']);

  // But for the marks of forms, which differ every time.
  const plain = shown.map(({ html }) => html.replaceAll(/name="once" value="[^"]*"/g, ''));
  const twins = shown.filter((_, index) => plain.indexOf(plain[index]!) !== index);
  expect(twins.map(({ name }) => name)).toEqual([]);
});

it.each([
  ['the brand in the package', () => brand],
  ['another one', () => loadBrand(join(projectRoot, 'brand/example-mutual'))],
])('with %s no text, value or translation is missing', async (_name, load) => {
  const { languages, texts, ...others } = load();
  const catalogs = new Map(
    languages.map((language) => {
      const files = [DEFAULT, others.folder].map((folder) => join(folder, 'locales', `${language}.json`));
      const each = files.flatMap((file) => {
        try {
          return [...catalogOf(readFolderFile(file).value)];
        } catch {
          return [];
        }
      });
      return [language, new Map(each)];
    }),
  );
  const english = catalogs.get('en')!;

  const shown = await shownBy(createSampleSite({ texts, ...others }), languages);

  const visible = (html: string) =>
    html
      .replaceAll(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>/g, ' ')
      .replaceAll('&#39;', "'")
      .replaceAll('&quot;', '"');
  const wrong = shown.flatMap(({ name, language, html }) => {
    const seen = visible(html);
    const holes = /\{\{|\bundefined\b|\bNaN\b|\[object |Invalid Date|null\b|Retry-After/.exec(seen)?.[0];
    const untranslated =
      language === 'en'
        ? undefined
        : [...english].find(
            ([key, text]) =>
              typeof text === 'string' &&
              /^\S+ \S+ \S+/.test(text) &&
              !text.includes('{{') &&
              catalogs.get(language)?.get(key) !== text &&
              seen.includes(text),
          )?.[0];
    return [
      ...(html.includes(`<html lang="${language}"`) ? [] : [`${name}: not in its language`]),
      ...(holes === undefined ? [] : [`${name}: ${holes}`]),
      ...(untranslated === undefined ? [] : [`${name}: ${untranslated} is in English`]),
    ];
  });
  expect(wrong).toEqual([]);
});

it('what a view names and nobody gives is told', async () => {
  const broken = loadBrand(
    brandFolder({
      'views/help.njk': '{% extends "layout.njk" %}{% block content %}{{ nobody.knows() }}{% endblock %}',
    }),
  );
  const { samples, show } = createSampleSite(broken);
  const help = samples().find(({ state }) => state === 'help')!;

  await expect(show(help, 'en')).rejects.toThrow(/help[.]njk/);
});

it('samples of what the rules do not have are left out', () => {
  const paths = createSampleSite(
    loadBrand(brandFolder({ 'portal.yaml': { portals: { member: { twoStep: null } } } })),
  )
    .samples()
    .map(({ path }) => path);

  expect(paths).not.toContain('/member/account/two-step');
  expect(paths).not.toContain('/broker/forgot-password/pin');
  expect(paths).toContain('/broker/forgot-password/questions');
});

it('a view of the folder takes the place of ours', async () => {
  const source = readFileSync(join(DEFAULT, 'views/help.njk'), 'utf8');
  const own = loadBrand(
    brandFolder({
      'views/help.njk': source.replace('{% block content %}', '{% block content %}<p>Our own</p>'),
    }),
  );
  const { samples, show } = createSampleSite(own);

  const { html } = await show(
    samples().find(({ state }) => state === 'help')!,
    'es',
  );

  expect(html).toContain('<p>Our own</p>');
});
