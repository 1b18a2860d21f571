import { relative } from 'node:path';
import {
  BrandError,
  DEFAULT_FOLDER,
  describeFinding,
  loadBrand,
} from '../../../src/adapters/brand/load-brand';
import { ConfigError } from '../../../src/config';
import { brand, brandFolder, planChangePolicy, portalPolicies } from '../../support/brand';

const load = (portal: object) => loadBrand(brandFolder({ 'portal.yaml': portal }));

/** What is found in a folder, with its files as seen from there. */
function found(folder: string): string[] {
  try {
    loadBrand(folder);
    return [];
  } catch (error) {
    if (!(error instanceof BrandError)) throw error;
    return error.findings.map((finding) =>
      describeFinding({ ...finding, file: relative(folder, finding.file) }),
    );
  }
}

describe('a brand without a folder', () => {
  it('has the figures of the documents', () => {
    expect(brand.planChangePolicy).toEqual({
      unitHours: { timeZone: 'America/New_York', fromWeekday: 1, toWeekday: 5, fromHour: 8, toHour: 20 },
      claimMinutes: 60,
      waitingMinutes: 15,
      overdueHours: 24,
      abandonAfterDays: 30,
    });
    expect(brand.reversibleDays).toBe(60);
    expect(brand.languages).toEqual(['en', 'es']);
  });

  it('is the one of an empty folder', () => {
    const folder = brandFolder({});

    const { texts, ...empty } = loadBrand(folder);

    expect(empty).toEqual({ ...brand, folder, texts: undefined });
    expect(texts.text('es', 'emails.pin.title')).toBe(brand.texts.text('es', 'emails.pin.title'));
  });
});

describe('an insurer’s portal.yaml', () => {
  it('changes what it names and nothing else', () => {
    const { policies } = load({ portals: { member: { password: { lifetimeDays: 30 } } } });

    expect(policies.member).toEqual({
      ...portalPolicies.member,
      password: { ...portalPolicies.member.password, lifetimeDays: 30 },
    });
    expect(policies.broker).toEqual(portalPolicies.broker);
  });

  it('replaces a list as a whole', () => {
    const { policies } = load({ portals: { broker: { reminders: { daysBefore: [3] } } } });

    expect(policies.broker.reminders).toEqual({ ...portalPolicies.broker.reminders, daysBefore: [3] });
  });

  it.each([
    ['claimMinutes', 1440],
    ['waitingMinutes', 1440],
    ['overdueHours', 719],
    ['abandonAfterDays', 365],
  ] as const)('has planChanges.%s as a whole number from its least on', (field, most) => {
    const least = field === 'abandonAfterDays' ? 2 : 1;

    for (const good of [least, 7, most])
      expect(load({ planChanges: { [field]: good } }).planChangePolicy).toEqual({
        ...planChangePolicy,
        [field]: good,
      });
    for (const wrong of [0, -1, 1.5, most + 2, 'soon'])
      expect(found(brandFolder({ 'portal.yaml': { planChanges: { [field]: wrong } } }))[0]).toContain(
        `2: planChanges.${field}: expected a whole number from 1 to `,
      );
  });

  it.each([
    ['mon-fri 8-20', 1, 5, 8, 20],
    ['mon-fri 08-20', 1, 5, 8, 20],
    ['tue-sat 9-17', 2, 6, 9, 17],
    ['wed-thu 9-17', 3, 4, 9, 17],
    ['mon-sun 0-24', 1, 7, 0, 24],
    ['sun-sun 23-24', 7, 7, 23, 24],
  ])(
    'has the unit’s hours as they are written: %s',
    (unitHours, fromWeekday, toWeekday, fromHour, toHour) => {
      expect(load({ planChanges: { unitHours } }).planChangePolicy).toEqual({
        ...planChangePolicy,
        unitHours: { timeZone: 'America/New_York', fromWeekday, toWeekday, fromHour, toHour },
      });
    },
  );

  it.each([
    ['days the wrong way round', 'fri-mon 8-20'],
    ['hours the wrong way round', 'mon-fri 20-8'],
    ['no hour at all', 'mon-fri 8-8'],
    ['an hour that there is not', 'mon-fri 8-25'],
    ['no such first day', 'fry-sat 8-20'],
    ['no such last day', 'mon-fry 8-20'],
    ['no hours', 'mon-fri'],
    ['no days', '8-20'],
    ['minutes', 'mon-fri 8:00-20:00'],
    ['capital letters', 'Mon-Fri 8-20'],
    ['a negative hour', 'mon-fri -1-20'],
    ['something before them', 'from mon-fri 8-20'],
    ['something after them', 'mon-fri 8-20 sat-sun 9-12'],
  ])('cannot have unit hours with %s', (_what, unitHours) => {
    expect(found(brandFolder({ 'portal.yaml': { planChanges: { unitHours } } }))).toEqual([
      expect.stringMatching(/^portal[.]yaml:2: planChanges[.]unitHours: expected /),
    ]);
  });
});

const member = (...lines: string[]): string => ['portals:', '  member:', ...lines].join('\n');
const broker = (...lines: string[]): string => ['portals:', '  broker:', ...lines].join('\n');

describe('a spoilt folder', () => {
  it.each<[string, string, string]>([
    [
      'a mistyped key',
      member('    sessionHour: 4'),
      '3: portals.member.sessionHour: nothing reads this; known here: ',
    ],
    [
      'a PIN of three digits',
      member('    pin: { digits: 3 }'),
      '3: portals.member.pin.digits: expected a whole number from 4 to 9',
    ],
    [
      'a PIN for brokers, who are asked questions',
      broker('    pin: { digits: 4, validForMinutes: 90, resendAfterSeconds: 45 }'),
      '3: portals.broker.pin: nothing reads this while recovery is answers',
    ],
    [
      'recovery by a PIN without its rule',
      broker('    recovery: either'),
      '3: portals.broker.pin: is missing: recovery by PIN needs digits',
    ],
    [
      'a PIN for brokers that is not complete',
      broker('    recovery: pin', '    pin: { digits: 4, validForMinutes: 90 }'),
      '4: portals.broker.pin.resendAfterSeconds: expected a whole number',
    ],
    [
      'recovery in another way',
      broker('    recovery: phone'),
      '3: portals.broker.recovery: expected one of answers, pin, either',
    ],
    [
      'a broker’s resets that last longer than their record',
      broker('    recovery: pin', '    pin: { digits: 4, validForMinutes: 700, resendAfterSeconds: 45 }'),
      '4: portals.broker.pin.validForMinutes: is too long: with resetLimits.pinsPerDay',
    ],
    [
      'passwords that are longer than they may be',
      member('    password:', '      minLength: 20'),
      '4: portals.member.password.maxLength: is less than minLength',
    ],
    [
      'passwords that need more than fits in',
      member('    password:', '      minDigits: 7', '      minLetters: 7'),
      '4: portals.member.password.minDigits: is with minLetters more than maxLength',
    ],
    [
      'a symbol that is a letter',
      member('    password:', "      symbols: '_x'"),
      '4: portals.member.password.symbols: expected ASCII punctuation only',
    ],
    [
      'usernames that nobody can choose',
      broker('    username:', '      maxLength: 3'),
      '4: portals.broker.username.maxLength: is less than minLength',
    ],
    [
      'reminders after the end',
      broker('    password:', '      lifetimeDays: 14'),
      '4: portals.broker.reminders.daysBefore: has a day that is not within password.lifetimeDays',
    ],
    [
      'reminders at no hour',
      broker('    reminders:', '      fromHour: 18'),
      '4: portals.broker.reminders.toHour: is not after fromHour',
    ],
    [
      'a PIN that is over before it can be sent again',
      member('    pin:', '      validForMinutes: 5', '      resendAfterSeconds: 300'),
      '5: portals.member.pin.resendAfterSeconds: is not less than validForMinutes',
    ],
    [
      'sessions that end without use after their end',
      broker('    sessionHours: 1', '    sessionIdleMinutes: 61'),
      '4: portals.broker.sessionIdleMinutes: is more than sessionHours',
    ],
    [
      'resets that last longer than their record',
      member('    pin:', '      validForMinutes: 700'),
      '4: portals.member.pin.validForMinutes: is too long: with resetLimits.pinsPerDay',
    ],
    [
      'more guesses a PIN than a day',
      'resetLimits:\n  guessesPerDay: 2',
      '2: resetLimits.guessesPerPin: is more than guessesPerDay',
    ],
    [
      'more guesses a day than a month',
      'resetLimits:\n  guessesPerMonth: 8',
      '2: resetLimits.guessesPerDay: is more than guessesPerMonth',
    ],
    [
      'all tries kept for known addresses',
      'passwordTries:\n  keptForKnownAddresses: 100',
      '2: passwordTries.keptForKnownAddresses: is not less than inARow',
    ],
    [
      'white words on yellow',
      "colors:\n  light: { accent: '#ffcc00' }",
      '2: colors.light.accent: is hard to read on white',
    ],
    [
      'a code that is hard to read in the dark',
      "colors:\n  dark: { code: '#2d5a88' }",
      '2: colors.dark.code: is hard to read on codeBackground',
    ],
    ['a phone that is none', 'planChanges:\n  phone: 12345', '2: planChanges.phone: expected a text'],
    [
      'a phone of too few digits',
      "planChanges:\n  phone: '12345'",
      '2: planChanges.phone: is no phone number',
    ],
    [
      'a phone of letters',
      broker('    helpLine: { phone: call us }'),
      '3: portals.broker.helpLine.phone: is no phone number',
    ],
    [
      'a time zone that is none',
      member('    timeZone: America/Gotham'),
      '3: portals.member.timeZone: is no time zone',
    ],
    [
      'a question twice',
      broker('    securityQuestions:', '      - first-pet', '      - first-car', '      - first-pet'),
      '6: portals.broker.securityQuestions.2: this question is there already',
    ],
    [
      'a question without its text',
      'languages: [en]\n' +
        broker('    securityQuestions:', '      - first-pet', '      - first-car', '      - first-boat'),
      '7: portals.broker.securityQuestions.2: has no text: add questions.first-boat to locales/en.json',
    ],
    [
      'hours in the place of their id',
      broker('    helpLine:', '      hours: 9 to 5'),
      '4: portals.broker.helpLine.hours: expected an id of lower-case letters',
    ],
    [
      'a language with its region',
      'languages:\n  - en\n  - fr-CA',
      '3: languages.1: expected the code of a language',
    ],
    [
      'no unit that could be told',
      'planChanges:\n  abandonAfterDays: 1',
      '2: planChanges.overdueHours: is not less than abandonAfterDays',
    ],
    ['a value where keys belong', 'portals:\n  member: all', '2: portals.member: expected keys with values'],
    ['a key twice', 'languages: [en]\nlanguages: [es]', '2: '],
    ['no YAML at all', 'portals: [', '1: '],
  ])('is found by file and line: %s', (_what, text, start) => {
    const findings = found(brandFolder({ 'portal.yaml': text }));

    expect(findings).toEqual([expect.stringMatching(/^portal[.]yaml:/)]);
    expect(findings[0]!.slice('portal.yaml:'.length, 'portal.yaml:'.length + start.length)).toBe(start);
  });

  it('has a text twice, the second time with a quoted brace and colon in it', () => {
    const folder = brandFolder({
      'locales/en.json':
        '{\n  "portals": {\n    "member": { "name": "One" },\n    "member": { "name": "\\"{ a: b\\"" }\n  }\n}',
    });

    expect(found(folder)).toEqual([expect.stringMatching(/^locales[/]en[.]json:4: /)]);
  });

  it('lacks a text of its portal.yaml in one of its languages', () => {
    const folder = brandFolder({
      'portal.yaml': broker('    helpLine: { hours: weekdays }'),
      'locales/en.json': '{ "hours": { "weekdays": "on weekdays" } }',
    });

    expect(found(folder)).toEqual([
      'portal.yaml:3: portals.broker.helpLine.hours: has no text: add hours.weekdays to locales/es.json',
    ]);
  });

  it('has every finding at once, those of unknown files too', () => {
    const folder = brandFolder({
      'portal.yml': '',
      'portal.yaml': member('    pin: { digits: 3 }', '    timeZone: Nowhere'),
    });

    expect(found(folder)).toEqual([
      expect.stringMatching(/^portal[.]yml:1: nothing reads this/),
      expect.stringMatching(/^portal[.]yaml:4: portals[.]member[.]timeZone/),
      expect.stringMatching(/^portal[.]yaml:3: portals[.]member[.]pin[.]digits/),
    ]);
  });

  it('ends the process as a wrong setting does', () => {
    const folder = brandFolder({ 'portal.yaml': 'languages: []' });

    expect(() => loadBrand(folder)).toThrow(ConfigError);
    expect(() => loadBrand(folder)).toThrow(
      `${folder}/portal.yaml:1: languages: expected one language at least`,
    );
    expect(() => loadBrand(`${folder}/gone`)).toThrow('there is no folder');
  });
});

describe('the fingerprint', () => {
  it('is the same for the same files, wherever they are', () => {
    const files = { 'portal.yaml': 'languages: [en]' };

    expect(loadBrand(brandFolder(files)).fingerprint).toBe(loadBrand(brandFolder(files)).fingerprint);
    expect(loadBrand(DEFAULT_FOLDER).fingerprint).toBe(brand.fingerprint);
  });

  it('is another one for other files', () => {
    const prints = [
      {},
      { 'portal.yaml': 'languages: [en]' },
      { 'portal.yaml': 'languages: [es]' },
      { 'brand.css': 'languages: [en]' },
    ].map((files) => loadBrand(brandFolder(files)).fingerprint);

    expect(new Set(prints).size).toBe(prints.length);
    expect(prints[0]).toBe(brand.fingerprint);
  });
});
