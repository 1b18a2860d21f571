import fc from 'fast-check';
import { usernameViolations } from '../../../src/domain/accounts/username-policy';
import { portalPolicies } from '../../support/brand';

const rule = portalPolicies.member.username;
const violations = (username: string) => usernameViolations(rule, username);

it.each([['abcd'], ['a'.repeat(30)], ['1a23'], ['12345a67890'], ['a.b_c-d@e'], ['ANA99'], ['.._a']])(
  'The username %s is accepted',
  (username) => {
    expect(violations(username)).toEqual([]);
  },
);

it.each([
  ['abc', ['too_short']],
  ['a'.repeat(31), ['too_long']],
  ['1234', ['letter_missing']],
  ['._-@', ['letter_missing']],
  ['a123456', ['too_many_digits_in_a_row']],
  ['123456a', ['too_many_digits_in_a_row']],
  ['a12345b123456', ['too_many_digits_in_a_row']],
  ['ana ruiz', ['character_not_accepted']],
  ['ana\n', ['character_not_accepted']],
  ['añadir', ['character_not_accepted']],
  ['ana\u0660\u0661', ['character_not_accepted']],
  ['\u0430nna', ['character_not_accepted']],
  ['ann😀', ['character_not_accepted']],
  ['', ['too_short', 'letter_missing']],
  ['1', ['too_short', 'letter_missing']],
])('The username %j is refused: %j', (username, expected) => {
  expect(violations(username)).toEqual(expected);
});

it('A username may have exactly the characters of the rule', () => {
  const accepted = Array.from({ length: 0x250 }, (_, code) => String.fromCharCode(code)).filter(
    (char) => !violations(`abc${char}`).includes('character_not_accepted'),
  );

  expect(accepted.join('')).toBe('-.0123456789@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz');
});

it('Any username of letters within the lengths is accepted, also in upper case', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z]{4,30}$/), (username) => {
      expect(violations(username)).toEqual([]);
      expect(violations(username.toUpperCase())).toEqual([]);
    }),
  );
});
