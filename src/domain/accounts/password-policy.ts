/**
 * The password rules of spec.md 1.
 * - Letters are A-Z and a-z, digits 0-9, symbols those of the portal; nothing else, and no spaces.
 * - Passwords are never cut, folded or trimmed; letter case matters.
 * - Common passwords, and passwords that contain the username, are refused. Usernames of one or two letters, which may be
 *   imported, are ignored, because they would refuse unrelated passwords.
 */
import type { PasswordRule } from '../portal';

export type PasswordViolation =
  | 'too_short'
  | 'too_long'
  | 'digit_missing'
  | 'letter_missing'
  | 'space_not_accepted'
  | 'character_not_accepted'
  | 'contains_username'
  | 'too_common'
  | 'used_before';

export interface PasswordContext {
  readonly username: string;
  /** Lower-case passwords that are too common to be accepted. */
  readonly commonPasswords: ReadonlySet<string>;
}

/** Every rule that `password` breaks, in the order of the rule's text; empty if it is accepted. Lengths are in UTF-16 units. */
export function passwordViolations(
  rule: PasswordRule,
  password: string,
  { username, commonPasswords }: PasswordContext,
): PasswordViolation[] {
  const folded = password.toLowerCase();
  const violations: [PasswordViolation, boolean][] = [
    ['too_short', password.length < rule.minLength],
    ['too_long', password.length > rule.maxLength],
    ['digit_missing', count(password, isDigit) < rule.minDigits],
    ['letter_missing', count(password, isLetter) < rule.minLetters],
    ['space_not_accepted', /\s/u.test(password)],
    ['character_not_accepted', count(password, (char) => !isAccepted(rule, char)) > 0],
    ['contains_username', holdsUsername(folded, username)],
    ['too_common', commonPasswords.has(folded)],
  ];
  return violations.filter(([, broken]) => broken).map(([violation]) => violation);
}

/** The first `limit` of `passwords` (most common first) that satisfy the portal's own rule, in lower case. */
export function commonPasswordsUnderRule(
  rule: PasswordRule,
  passwords: Iterable<string>,
  limit: number,
): ReadonlySet<string> {
  const common = new Set<string>();
  const nothingElse: PasswordContext = { username: '', commonPasswords: new Set() };
  for (const password of passwords) {
    if (common.size >= limit) break;
    if (passwordViolations(rule, password, nothingElse).length === 0) common.add(password.toLowerCase());
  }
  return common;
}

const MIN_USERNAME_TO_HOLD = 3;

const holdsUsername = (folded: string, username: string): boolean =>
  username.length >= MIN_USERNAME_TO_HOLD && folded.includes(username.toLowerCase());

const isDigit = (char: string): boolean => char >= '0' && char <= '9';
const isLetter = (char: string): boolean => (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z');

/** A space has its own violation, so it is not counted here. */
const isAccepted = (rule: PasswordRule, char: string): boolean =>
  isDigit(char) || isLetter(char) || rule.symbols.includes(char) || /\s/u.test(char);

const count = (text: string, test: (char: string) => boolean): number => [...text].filter(test).length;
