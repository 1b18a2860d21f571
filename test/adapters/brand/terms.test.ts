import { relative } from 'node:path';
import { describeFinding, loadBrand, type BrandError } from '../../../src/adapters/brand/load-brand';
import { brand, brandFolder } from '../../support/brand';

const terms = (text: string, date = '2027-01-01') => `---\ndate: ${date}\n---\n\n${text}\n`;
const newTerms = { portals: { broker: { termsVersion: '2027-01' } } };

function found(files: Readonly<Record<string, string | object>>): string[] {
  const folder = brandFolder(files);
  try {
    loadBrand(folder);
    return [];
  } catch (error) {
    return (error as BrandError).findings.map((finding) =>
      describeFinding({ ...finding, file: relative(folder, finding.file) }),
    );
  }
}

it('Terms have a version, a date, and a text in each language', () => {
  expect(brand.terms.broker).toEqual({
    version: '2026-01',
    date: '2026-01-01',
    text: {
      en: expect.stringMatching(/^# Terms of use\n/),
      es: expect.stringMatching(/^# Condiciones de uso\n/),
    },
  });
  expect(brand.terms.member).toEqual(brand.terms.broker);
});

it('A new version is two files and its name; earlier ones may stay', () => {
  const folder = brandFolder({
    'portal.yaml': newTerms,
    'terms/2026-01.en.md': terms('Before', '2026-01-01'),
    'terms/2027-01.en.md': terms('After'),
    'terms/2027-01.es.md': terms('Después'),
  });

  const { broker, member } = loadBrand(folder).terms;

  expect(broker).toEqual({
    version: '2027-01',
    date: '2027-01-01',
    text: { en: 'After\n', es: 'Después\n' },
  });
  // A file takes the place of ours by its name.
  expect(member.text).toEqual({ en: 'Before\n', es: brand.terms.member.text['es'] });
});

it.each<[string, Readonly<Record<string, string | object>>, string[]]>([
  [
    'a version that misses a language',
    { 'portal.yaml': newTerms, 'terms/2027-01.en.md': terms('After') },
    ['portal.yaml:3: portals.broker.termsVersion: there is no terms/2027-01.es.md: add it'],
  ],
  [
    'a version that is no part of a name',
    { 'portal.yaml': 'portals: { broker: { termsVersion: ../2027 } }' },
    ['portal.yaml:1: portals.broker.termsVersion: expected letters, digits, dots'],
  ],
  [
    'terms without a date',
    { 'terms/2026-01.es.md': '# Condiciones' },
    ['terms/2026-01.es.md:1: expected "---", "date: 2026-01-31", "---"'],
  ],
  [
    'a date without terms',
    { 'terms/2026-01.es.md': terms('', '2026-01-01') },
    ['terms/2026-01.es.md:1: expected "---"'],
  ],
  [
    'a day that is none',
    { 'terms/2026-01.en.md': terms('Terms', '2026-02-30') },
    ['terms/2026-01.en.md:2: date: 2026-02-30 is no day'],
  ],
  [
    'dates that differ',
    { 'terms/2026-01.es.md': terms('Condiciones', '2026-01-02') },
    ['terms/2026-01.es.md:2: date: 2026-01-02: in another language it is 2026-01-01'],
  ],
  [
    'a file that nothing reads',
    { 'terms/terms.md': terms('Terms') },
    ['terms/terms.md:1: nothing reads this; terms are <version>.<language>.md'],
  ],
])('The folder is wrong that has %s', (_what, files, findings) => {
  expect(found(files)).toEqual(findings.map((start) => expect.stringContaining(start)));
});
