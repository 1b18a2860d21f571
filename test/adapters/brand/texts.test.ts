import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogOf, pluralForms, shapesOf } from '../../../src/adapters/brand/catalog';
import { checkTemplates, TEMPLATE_FOLDERS } from '../../../src/adapters/brand/template-folders';
import { createTexts, loadTexts } from '../../../src/adapters/brand/texts';
import type { Texts } from '../../../src/ports/texts';
import { projectRoot } from '../../../lab/stack/project-root';

const OURS = join(projectRoot, 'brand/default');
const read = (path: string): string => readFileSync(join(OURS, path), 'utf8');
const english = catalogOf(JSON.parse(read('locales/en.json')));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenure-brand-'));
  mkdirSync(join(folder, 'locales'));
  mkdirSync(join(folder, 'email'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Findings without the folder's name: `locales/en.json:3: ...`. */
const said = (findings: readonly { file: string; line: number; message: string }[]): string[] =>
  findings.map(({ file, line, message }) => `${file.replace(`${folder}/`, '')}:${line}: ${message}`);

/** Our texts in `languages`, with the lines of a file of the folder. */
function load(file: string, content: string | object, languages: readonly string[] = ['en', 'es']) {
  writeFileSync(
    join(folder, file),
    typeof content === 'string' ? content : JSON.stringify(content, undefined, 2),
  );
  return loadTexts(languages, OURS, folder);
}

describe('Texts', () => {
  const { texts, findings } = loadTexts(['en', 'es'], OURS, OURS);

  it('Our own catalogs have no findings', () => {
    expect(findings).toEqual([]);
  });

  it('A text has its values, in the plural form of the language', () => {
    const left = (count: number) => texts.text('es', 'emails.password-reminder.left', { count });

    expect(texts.text('en', 'emails.common.greeting', { name: 'Ana' })).toBe('Hello Ana,');
    expect([0, 1, 2, 14].map(left)).toEqual(['hoy', 'mañana', 'en 2 días', 'en 14 días']);
  });

  it('A value is inserted as it is, though it looks like HTML, a placeholder or the name of a text', () => {
    const name = '<b>{{phone}} $t(emails.pin.title) $& O’Dwyer';

    expect(texts.text('en', 'emails.common.greeting', { name })).toBe(`Hello ${name},`);
  });

  it('A list has its lines with their values', () => {
    const values = { historyLength: 4, other: 'not asked for' };

    expect(texts.lookUp('en', 'emails.password-reminder.todo', values)).toEqual([
      'Sign in and change your password, or choose “Forgot password” on the sign-in page.',
      'Choose a new one: your last 4 passwords, the current one among them, cannot be used again.',
      'You need not wait: changing it now starts a new period and ends these reminders.',
    ]);
  });

  it('A language that is not there is replaced by the first one', () => {
    expect(texts.text('fr', 'emails.pin.title')).toBe('Your temporary PIN');
    expect(texts.lookUp('fr', 'emails.pin.safety', {})).toHaveLength(3);
  });

  it('An unknown key and a missing value throw', () => {
    expect(() => texts.lookUp('en', 'emails.pin.titel', {})).toThrow('no text emails.pin.titel');
    expect(() => texts.lookUp('en', 'emails.pin.help', {})).toThrow('no value for {{phone}}');
  });

  it('A wrong key, a wrong placeholder and a forgotten one do not compile', () => {
    const wrong = (each: Texts) => [
      // @ts-expect-error: no such key
      () => each.text('en', 'emails.pin.titel'),
      // @ts-expect-error: the text takes no values
      () => each.text('en', 'emails.pin.title', { phone: '1' }),
      // @ts-expect-error: the value is forgotten
      () => each.text('en', 'emails.pin.help'),
      // @ts-expect-error: no such placeholder
      () => each.text('en', 'emails.pin.help', { fone: '1' }),
      // @ts-expect-error: a count is a number
      () => each.text('en', 'emails.password-reminder.left', { count: '2' }),
      // @ts-expect-error: a list is for templates
      () => each.text('en', 'emails.pin.safety'),
    ];

    expect(wrong(texts)).toHaveLength(6);
  });
});

describe('Texts of a folder', () => {
  it('The texts of a folder are laid over ours: a text with all its plural forms, a list as a whole', () => {
    const { texts, findings } = load('locales/en.json', {
      emails: {
        pin: { title: 'Your code', safety: ['Tell nobody.'] },
        'password-reminder': { left: 'soon' },
      },
    });

    expect(findings).toEqual([]);
    expect(texts.text('en', 'emails.pin.title')).toBe('Your code');
    expect(texts.text('es', 'emails.pin.title')).toBe('Su PIN temporal');
    expect(texts.lookUp('en', 'emails.pin.safety', {})).toEqual(['Tell nobody.']);
    expect(texts.text('en', 'emails.password-reminder.left', { count: 1 })).toBe('soon');
    expect(texts.text('en', 'emails.pin.help', { phone: '1' })).toBe('Call 1.');
  });

  const spoilt: readonly [what: string, content: string | object, ...findings: string[]][] = [
    [
      'an unknown text',
      { emails: { pin: { titel: 'Your code' } } },
      'locales/en.json:4: emails.pin.titel: there is no such text; remove it',
    ],
    [
      'an unknown placeholder',
      { emails: { pin: { help: 'Call {{fone}} or {{phone}}.' } } },
      'locales/en.json:4: emails.pin.help: unknown placeholder {{fone}}; known: {{phone}}',
    ],
    [
      'a missing placeholder',
      { emails: { pin: { help: 'Call us.' } } },
      'locales/en.json:4: emails.pin.help: the placeholder {{phone}} is missing',
    ],
    [
      'a missing plural form',
      { emails: { 'password-reminder': { left_one: 'tomorrow' } } },
      'locales/en.json:4: emails.password-reminder.left: the plural form emails.password-reminder.left_other is missing',
    ],
    [
      'a plural form of another language',
      { emails: { 'password-reminder': { left_one: '1', left_few: '{{count}}', left_other: '{{count}}' } } },
      'locales/en.json:5: emails.password-reminder.left_few: "en" has no such plural form; it has other, one',
    ],
    [
      'a text in the place of a list',
      { emails: { pin: { safety: 'Tell nobody.' } } },
      'locales/en.json:4: emails.pin.safety: must be a list of texts',
    ],
    [
      'a list in the place of a text',
      { emails: { pin: { title: ['Your code'] } } },
      'locales/en.json:4: emails.pin.title: must be a text',
    ],
    ['a number', { emails: { pin: { title: 7 } } }, 'locales/en.json:4: emails.pin.title: must be a text'],
  ];

  it.each(spoilt)('A catalog with %s is found, with its line', (_what, content, ...findings) => {
    expect(said(load('locales/en.json', content).findings)).toEqual(findings);
  });

  it('A catalog that is no JSON is found', () => {
    expect(said(load('locales/en.json', '{ "emails": { "pin": { "title": "x" }').findings)[0]).toMatch(
      /^locales\/en\.json:1: /,
    );
  });

  it('A further language has every text, or each one that is missing is found near where it belongs', () => {
    const french = read('locales/es.json');
    const complete = load('locales/fr.json', french, ['en', 'fr']);
    const withoutTitle = load('locales/fr.json', french.replace(/ +"title": "Su PIN temporal",\n/, ''), [
      'fr',
    ]);

    expect(complete.findings).toEqual([]);
    expect(complete.texts.text('fr', 'emails.pin.title')).toBe('Su PIN temporal');
    expect(said(withoutTitle.findings)).toEqual([
      expect.stringMatching(/^locales\/fr\.json:\d\d: emails\.pin\.title: the text is missing$/),
    ]);
  });

  it('A language without a catalog is found', () => {
    expect(said(loadTexts(['en', 'fr'] as never, OURS, folder).findings)).toEqual([
      'locales/fr.json:1: there are no texts in the language "fr": add the file, or take the language out of portal.yaml',
    ]);
  });

  it('The plural forms that a language needs are those of its numbers', () => {
    expect([...pluralForms('en')].toSorted()).toEqual(['one', 'other']);
    expect([...pluralForms('pl')].toSorted()).toEqual(['few', 'many', 'one']);
    expect([...pluralForms('ja')]).toEqual(['other']);
  });

  it('A language with more plural forms than English has them', () => {
    const polish = new Map([
      ['days_one', '{{count}} dzień'],
      ['days_few', '{{count}} dni'],
      ['days_many', '{{count}} dni'],
      ['days_other', '{{count}} dnia'],
    ]);
    const texts = createTexts(new Map([['pl', polish]]));

    expect(texts.lookUp('pl', 'days', { count: 1 })).toBe('1 dzień');
    expect(texts.lookUp('pl', 'days', { count: 3 })).toBe('3 dni');
  });
});

describe('Templates of a folder', () => {
  const check = (name: string, source: string): string[] => {
    writeFileSync(join(folder, 'email', name), source);
    return said(checkTemplates('email', folder, OURS, shapesOf(english)));
  };

  it.each(TEMPLATE_FOLDERS)('Our own templates in %s have no findings', (name) => {
    expect(said(checkTemplates(name, OURS, OURS, shapesOf(english)))).toEqual([]);
    expect(readdirSync(join(OURS, name), { recursive: true }).length).toBeGreaterThan(15);
  });

  it('Views of pages are looked at too, in folders of their own', () => {
    mkdirSync(join(folder, 'views/member'), { recursive: true });
    for (const [name, source] of [
      ['member/sign-in.njk', "{{ t('pages.titel') }}"],
      ['member/sign-on.njk', ''],
      ['help.njk', '{{ title | safe }}'],
    ] as const)
      writeFileSync(join(folder, 'views', name), source);

    expect(said(checkTemplates('views', folder, OURS, shapesOf(english))).toSorted()).toEqual([
      'views/help.njk:1: "safe": a value could bring HTML of its own; remove it',
      "views/member/sign-in.njk:1: t('pages.titel'): there is no such text",
      'views/member/sign-on.njk:1: there is no template of this name to take the place of',
    ]);
  });

  it.each([
    ['pins.njk', 'Hello', 'email/pins.njk:1: there is no template of this name to take the place of'],
    [
      'pin.njk',
      "{% block body %}\n{{ t('emails.pin.titel') }}\n{% endblock %}",
      "email/pin.njk:2: t('emails.pin.titel'): there is no such text",
    ],
    [
      'pin.njk',
      '{% if pin %}\n{{ t(pin) }}{% endif %}',
      'email/pin.njk:2: t(...): the name of a text must be written out',
    ],
    [
      'pin.njk',
      '\n\n{{ portal | safe }}',
      'email/pin.njk:3: "safe": a value could bring HTML of its own; remove it',
    ],
  ])('The template %s, %j, is found, with its line', (name, source, finding) => {
    expect(check(name, source)).toEqual([finding]);
  });

  it('A template with wrong syntax is found', () => {
    expect(check('pin.njk', '{% block body %}\n{{ t( }}\n{% endblock %}')[0]).toMatch(
      /^email\/pin\.njk:\d: /,
    );
  });
});
