/** The HTML of every email, held against what mail programs show (caniemail.com). */
import { execFileSync } from 'node:child_process';
import { sampleEmails } from '../../../src/adapters/mail/sample-emails';
import { createEmailTemplates } from '../../../src/adapters/mail/templates';
import { brand, languages } from '../../support/brand';
import { projectRoot } from '../../../lab/stack/project-root';

const htmls = sampleEmails(createEmailTemplates(brand), brand.policies).flatMap(({ write }) =>
  languages.map((language) => write(language).html),
);
/** One of each, words aside. */
const shapes = [...new Map(htmls.map((html) => [html.replace(/>[^<]*</g, '><'), html])).values()];

/** Those that most people read email with. */
const PROGRAMS = [
  'apple-mail.*',
  'gmail.*',
  'outlook.*',
  'yahoo.*',
  'aol.*',
  'samsung-email.*',
  'thunderbird.*',
];

const STYLES =
  'styles of dark mode, and of columns that are one column anyway; what matters is in attributes';
const MJML = 'MJML writes it into every layout; nothing here depends on it';

/** What some of them do not know, and why a reader loses nothing by it. */
const DOES_WITHOUT: Readonly<Record<string, string>> = {
  '<style> element': STYLES,
  'Attribute selector': STYLES,
  'Chaining selectors': STYLES,
  'Child combinator': STYLES,
  'Class selector': STYLES,
  'Descendant combinator': STYLES,
  'ID selector': STYLES,
  'Type selector': STYLES,
  '<body> element': 'it becomes a <div>; the one inside has the same background',
  'aria-label attribute': 'the title of the page says the same',
  'border-radius': 'corners are square',
  'height property': MJML,
  outline: MJML,
  overflow: MJML,
  'role attribute': 'a screen reader announces a table before its one cell',
  'white-space': 'a long access code may go on in the next line',
  'word-break': 'a word that is longer than the line widens the page',
  'word-spacing': MJML,
};

// The package is an ES module, which Jest cannot load.
const CHECK = `
import { caniemail, groupIssues } from 'caniemail';
let input = '';
for await (const chunk of process.stdin) input += chunk;
const { htmls, programs } = JSON.parse(input);
const found = htmls.flatMap((html) => groupIssues(caniemail({ clients: programs, html }).issues.errors));
console.log(JSON.stringify(found.map(({ issue }) => issue.title)));
`;

it('An email uses nothing that a mail program lacks, unless its reader loses nothing by it', () => {
  const found = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', CHECK], {
      cwd: projectRoot,
      input: JSON.stringify({ htmls: shapes, programs: PROGRAMS }),
      encoding: 'utf8',
    }),
  ) as string[];

  expect([...new Set(found)].toSorted()).toEqual(Object.keys(DOES_WITHOUT).toSorted());
});

it('An email is far below the 100 kB at which Gmail cuts, and its styles are below the 8 kB that Gmail reads', () => {
  const styles = htmls.flatMap((html) => html.match(/<style[^]*?<\/style>/g) ?? []);

  expect(Math.max(...htmls.map((html) => Buffer.byteLength(html)))).toBeLessThan(25_000);
  expect(Math.max(...styles.map((style) => style.length))).toBeLessThan(8_192);
});

it('An email has one heading of the first level, and after it headings of the second', () => {
  for (const html of htmls) {
    expect(html.match(/<h\d/g)?.join(' ')).toMatch(/^<h1( <h2)*$/);
  }
});

it('A table of an email is for its looks, and says so to screen readers', () => {
  for (const html of htmls) {
    for (const [table] of html.matchAll(/<table[^>]*>/g)) expect(table).toContain('role="presentation"');
  }
});
