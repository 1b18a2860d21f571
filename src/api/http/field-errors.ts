/** Errors of single fields: one table of codes, and the translation of zod's issues into them. */
import type { z } from 'zod';
import type { PasswordViolation } from '../../domain/accounts/password-policy';
import type { Language, PasswordRule, UsernameRule } from '../../domain/portal';
import type { AnswerViolation } from '../../domain/accounts/security-answers';
import type { UsernameViolation } from '../../domain/accounts/username-policy';
import type { TextKey, Texts } from '../../ports/texts';

/** What can be wrong with a field; the sentence is `fields.<code>` in the catalogs of texts. */
export const FIELD_CODES = [
  'required',
  'wrong_type',
  'wrong_format',
  'not_one_of',
  'unknown_field',
  'duplicate_field',
  'control_character',
  'hidden_character',
  'malformed_text',
  'not_equal',
  'too_short',
  'too_long',
  'digit_missing',
  'letter_missing',
  'space_not_accepted',
  'character_not_accepted',
  'contains_username',
  'too_common',
  'used_before',
  'too_many_digits_in_a_row',
  'wrong_count',
  'unknown_question',
  'question_repeated',
  'answer_too_short',
  'answer_repeated',
  'answer_is_username',
  'answer_in_question',
  'not_a_phone_number',
  'not_the_invited_address',
  'not_on_record',
  'not_for_this_channel',
  'in_the_future',
  'not_current_terms',
] as const;

export type FieldCode = (typeof FIELD_CODES)[number];

export interface FieldError {
  /** A JSON Pointer into the body, or `header:` or `query:` and a name. */
  readonly pointer: string;
  readonly code: FieldCode;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** The sentence for a person, with `values` in its placeholders. */
export function fieldDetail({ code, values = {} }: FieldError, language: Language, texts: Texts): string {
  const key: TextKey = `fields.${code}`;
  return String(texts.lookUp(language, key, values));
}

/** The entry for one broken rule of a password. */
export function passwordError(violation: PasswordViolation, rule: PasswordRule): FieldError {
  const values = { min: rule.minLength, max: rule.maxLength, symbols: [...rule.symbols].join(' ') };
  return { pointer: '/password', code: violation, values };
}

/** The entry for one broken rule of a username. */
export function usernameError(violation: UsernameViolation, rule: UsernameRule): FieldError {
  const { minLength: min, maxLength: max, maxDigitsInARow: digits } = rule;
  const values = { min, max, digits, symbols: [...rule.symbols].join(' ') };
  return { pointer: '/username', code: violation, values };
}

const QUESTION_VIOLATIONS: readonly AnswerViolation[] = ['unknown_question', 'question_repeated'];

/** The entry for a violation by the answer at `index` of `list`, of its question or of the answer itself. */
export function answerError(list: string, index: number, violation: AnswerViolation): FieldError {
  const field = QUESTION_VIOLATIONS.includes(violation) ? 'questionId' : 'answer';
  return { pointer: jsonPointer([list, index, field]), code: violation };
}

const MAX_ERRORS = 20;
const MAX_NAME_LENGTH = 64;

/** One entry for each of zod's issues with `body`, at most 20. */
export function fieldErrors(issues: readonly z.core.$ZodIssue[], body: unknown): FieldError[] {
  return issues.flatMap((issue) => translate(issue, body)).slice(0, MAX_ERRORS);
}

/** RFC 6901. Long names, which come from the caller, are truncated. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path
    .map((name) => String(name).slice(0, MAX_NAME_LENGTH).replaceAll('~', '~0').replaceAll('/', '~1'))
    .map((name) => `/${name}`)
    .join('');
}

function translate(issue: z.core.$ZodIssue, body: unknown): FieldError[] {
  const pointer = jsonPointer(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ pointer: jsonPointer([...issue.path, key]), code: 'unknown_field' }));
    case 'invalid_type':
      return [{ pointer, code: isAbsent(body, issue.path) ? 'required' : 'wrong_type' }];
    case 'invalid_value':
      return [{ pointer, code: isAbsent(body, issue.path) ? 'required' : 'not_one_of' }];
    case 'invalid_union':
      return [{ pointer, code: 'not_one_of' }];
    case 'too_small':
      if (issue.origin === 'array') return [wrongCount(pointer, issue.minimum)];
      if (issue.minimum === 1) return [{ pointer, code: 'required' }];
      return [{ pointer, code: 'too_short', values: { min: Number(issue.minimum) } }];
    case 'too_big':
      if (issue.origin === 'array') return [wrongCount(pointer, issue.maximum)];
      return [{ pointer, code: 'too_long', values: { max: Number(issue.maximum) } }];
    case 'custom':
      return [{ pointer, code: customCode(issue) }];
    default:
      return [{ pointer, code: 'wrong_format' }];
  }
}

/** Lists here have a fixed length. */
const wrongCount = (pointer: string, count: number | bigint): FieldError => ({
  pointer,
  code: 'wrong_count',
  values: { count: Number(count) },
});

function customCode({ params }: z.core.$ZodIssueCustom): FieldCode {
  const code: unknown = params?.['code'];
  return typeof code === 'string' && FIELD_CODES.some((each) => each === code)
    ? (code as FieldCode)
    : 'wrong_format';
}

function isAbsent(body: unknown, path: readonly PropertyKey[]): boolean {
  const value = path.reduce<unknown>(
    (at, name) => (at as Record<PropertyKey, unknown> | undefined)?.[name],
    body,
  );
  return value === undefined;
}
