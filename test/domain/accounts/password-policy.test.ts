import fc from 'fast-check';
import { commonPasswordsUnderRule, passwordViolations } from '../../../src/domain/accounts/password-policy';
import type { Portal } from '../../../src/domain/portal';
import { portalPolicies } from '../../support/brand';

const nobody = { username: '', commonPasswords: new Set<string>() };
const violations = (portal: Portal, password: string, context = nobody) =>
  passwordViolations(portalPolicies[portal].password, password, context);

describe.each([
  ['member', 8, 12, '_!.&@', ','],
  ['broker', 6, 128, '_!,&@', '.'],
] as const)('password rule of the %s portal', (portal, minLength, maxLength, symbols, otherSymbol) => {
  const ofLength = (length: number): string => `a1${'b'.repeat(length - 2)}`;

  it.each([
    [minLength - 1, ['too_short']],
    [minLength, []],
    [maxLength, []],
    [maxLength + 1, ['too_long']],
  ])('A password of %d characters breaks these rules: %j', (length, expected) => {
    expect(violations(portal, ofLength(length))).toEqual(expected);
  });

  it.each([...symbols])('The password rule accepts the symbol %s anywhere', (symbol) => {
    for (const password of [`${symbol}abcdef1`, `abc${symbol}def1`, `abcdef1${symbol}`])
      expect(violations(portal, password)).toEqual([]);
  });

  it(`The password rule refuses ${otherSymbol}, which only the other portal accepts`, () => {
    expect(violations(portal, `abcdef1${otherSymbol}`)).toEqual(['character_not_accepted']);
  });

  it('The password rule accepts only ASCII letters, digits and its own symbols', () => {
    const accepted = Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code)).filter(
      (char) => violations(portal, `abcdef1${char}`).length === 0,
    );

    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    expect(accepted.toSorted()).toEqual([...`0123456789${letters}${symbols}`].toSorted());
  });

  it.each([
    ['12345678', ['letter_missing']],
    ['abcdefgh', ['digit_missing']],
    ['________', ['digit_missing', 'letter_missing']],
    [' abcdef1', ['space_not_accepted']],
    ['abcdef1 ', ['space_not_accepted']],
    ['abc\tdef1', ['space_not_accepted']],
    ['abc\u00a0def1', ['space_not_accepted']],
    ['abcdefé1', ['character_not_accepted']],
    ['abcdef1😀', ['character_not_accepted']],
    ['abcdef1\ud83d', ['character_not_accepted']],
    ['abcdefg\u0661', ['digit_missing', 'character_not_accepted']],
    ['\u0430\u0431\u0432\u0433\u0434\u0435\u04511', ['letter_missing', 'character_not_accepted']],
    ['', ['too_short', 'digit_missing', 'letter_missing']],
  ])('The password %j breaks these rules: %j', (password, expected) => {
    expect(violations(portal, password)).toEqual(expected);
  });

  it('A password that contains the username is refused, regardless of case', () => {
    const context = { ...nobody, username: 'Anna' };

    expect(violations(portal, 'xaNNa123', context)).toEqual(['contains_username']);
    expect(violations(portal, 'xanna123', nobody)).toEqual([]);
    expect(violations(portal, 'xann1a23', context)).toEqual([]);
  });

  it.each([
    ['a', 'xann1a23', []],
    ['7a', 'xann7a23', []],
    ['abc', 'xabc1234', ['contains_username']],
    ['123456789', 'a1234567', []],
    ['2026', 'xann2026', ['contains_username']],
    ['ana ruiz', 'anaruiz1', []],
    ["o'brien77", 'obrien77', []],
  ])(
    'An imported username such as %j leaves enough passwords to choose from: %s',
    (username, password, expected) => {
      expect(violations(portal, password, { ...nobody, username })).toEqual(expected);
    },
  );

  it('A common password is refused, regardless of case', () => {
    const context = { ...nobody, commonPasswords: new Set(['passw0rd']) };

    expect(violations(portal, 'PassW0rd', context)).toEqual(['too_common']);
    expect(violations(portal, 'PassW0rd1', context)).toEqual([]);
  });

  it('Every password within the lengths with a digit, a letter and accepted characters is accepted', () => {
    const char = fc.constantFrom(...`abcXYZ0189${symbols}`);
    const middle = fc.string({ unit: char, minLength: minLength - 2, maxLength: maxLength - 2 });
    fc.assert(
      fc.property(middle, (text) => {
        expect(violations(portal, `a${text}1`)).toEqual([]);
      }),
    );
  });
});

it('commonPasswordsUnderRule keeps the first passwords that the rule would accept, in lower case', () => {
  const passwords = ['123456', 'Passw0rd', 'qwerty123', 'passw0rd', 'letmein', 'abcd1234', 'abc12345'];

  const common = commonPasswordsUnderRule(portalPolicies.member.password, passwords, 3);

  expect([...common]).toEqual(['passw0rd', 'qwerty123', 'abcd1234']);
});
