/** The username rule of spec.md 1: 4-30 characters, at least one letter, never more than five digits in a row. */
import type { UsernameRule } from '../portal';

export type UsernameViolation =
  'too_short' | 'too_long' | 'letter_missing' | 'too_many_digits_in_a_row' | 'character_not_accepted';

/** Every rule that `username` breaks; empty if it is accepted. */
export function usernameViolations(rule: UsernameRule, username: string): UsernameViolation[] {
  const letters = username.match(/[A-Za-z]/g)?.length ?? 0;
  const longestDigitRun = Math.max(0, ...(username.match(/[0-9]+/g) ?? []).map((run) => run.length));
  const isAccepted = (char: string): boolean => /^[A-Za-z0-9]$/.test(char) || rule.symbols.includes(char);
  const violations: [UsernameViolation, boolean][] = [
    ['too_short', username.length < rule.minLength],
    ['too_long', username.length > rule.maxLength],
    ['letter_missing', letters < rule.minLetters],
    ['too_many_digits_in_a_row', longestDigitRun > rule.maxDigitsInARow],
    ['character_not_accepted', ![...username].every(isAccepted)],
  ];
  return violations.filter(([, broken]) => broken).map(([violation]) => violation);
}
