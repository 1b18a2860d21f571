/** Errors of single fields: one table of codes, and the translation of zod's issues into them. */
import type { z } from 'zod';
import type { PasswordViolation } from '../../domain/accounts/password-policy';
import type { Language, PasswordRule, UsernameRule } from '../../domain/portal';
import type { AnswerViolation } from '../../domain/accounts/security-answers';
import type { UsernameViolation } from '../../domain/accounts/username-policy';
import type { Text } from './problem-texts';

/** `{max}` and similar placeholders are filled in from the broken rule. */
export const fieldProblems = {
  required: { en: 'This is required.', es: 'Este dato es obligatorio.' },
  wrong_type: { en: 'This has the wrong type.', es: 'El tipo de este dato no es correcto.' },
  wrong_format: { en: 'This does not have the expected form.', es: 'Este dato no tiene la forma esperada.' },
  not_one_of: {
    en: 'This is not one of the accepted values.',
    es: 'Este no es uno de los valores aceptados.',
  },
  unknown_field: { en: 'There is no such field here.', es: 'Aquí no existe ese campo.' },
  duplicate_field: { en: 'This field is there twice.', es: 'Este campo está repetido.' },
  control_character: {
    en: 'Control characters are not accepted.',
    es: 'No se aceptan caracteres de control.',
  },
  hidden_character: {
    en: 'Characters that show nothing are not accepted.',
    es: 'No se aceptan caracteres invisibles.',
  },
  malformed_text: { en: 'This is not well-formed text.', es: 'Este texto no está bien formado.' },
  not_equal: { en: 'The two entries differ.', es: 'Las dos entradas no coinciden.' },
  too_short: { en: 'Use at least {min} characters.', es: 'Use al menos {min} caracteres.' },
  too_long: { en: 'Use at most {max} characters.', es: 'Use como máximo {max} caracteres.' },
  digit_missing: { en: 'Include at least one digit.', es: 'Incluya al menos un dígito.' },
  letter_missing: {
    en: 'Include at least one letter, A to Z.',
    es: 'Incluya al menos una letra, de la A a la Z.',
  },
  space_not_accepted: { en: 'Spaces are not accepted.', es: 'No se aceptan espacios.' },
  character_not_accepted: {
    en: 'Use only letters A to Z, digits and these symbols: {symbols}',
    es: 'Use solo letras de la A a la Z sin acentos, dígitos y estos símbolos: {symbols}',
  },
  contains_username: {
    en: 'It must not contain the username.',
    es: 'No debe contener el nombre de usuario.',
  },
  too_common: { en: 'Too many people use this one.', es: 'Demasiadas personas usan esta.' },
  used_before: { en: 'It was used before; choose another one.', es: 'Ya se usó antes; elija otra.' },
  too_many_digits_in_a_row: {
    en: 'Use at most {digits} digits in a row.',
    es: 'Use como máximo {digits} dígitos seguidos.',
  },
  wrong_count: { en: 'Exactly {count} are needed.', es: 'Se necesitan exactamente {count}.' },
  unknown_question: {
    en: 'This is not one of the questions asked here.',
    es: 'Esta no es una de las preguntas que se hacen aquí.',
  },
  question_repeated: { en: 'Choose two different questions.', es: 'Elija dos preguntas distintas.' },
  answer_too_short: { en: 'Give a longer answer.', es: 'Dé una respuesta más larga.' },
  answer_repeated: { en: 'Give two different answers.', es: 'Dé dos respuestas distintas.' },
  answer_is_username: {
    en: 'The answer must not be the username.',
    es: 'La respuesta no debe ser el nombre de usuario.',
  },
  answer_in_question: {
    en: 'The answer must not be words of its question.',
    es: 'La respuesta no debe estar formada por palabras de la pregunta.',
  },
  not_a_phone_number: {
    en: 'Give a phone number, in the US form or with + and its country code; no extension.',
    es: 'Indique un número de teléfono, en el formato de EE. UU. o con + y el código de país; sin extensión.',
  },
  not_the_invited_address: {
    en: 'Use the address that the access code was sent to.',
    es: 'Use la dirección a la que se envió el código de acceso.',
  },
  not_on_record: {
    en: 'Nothing on record has this number.',
    es: 'Ningún registro tiene este número.',
  },
  not_for_this_channel: {
    en: 'This does not go with the channel.',
    es: 'Esto no corresponde a este canal.',
  },
  in_the_future: { en: 'This is in the future.', es: 'Esto está en el futuro.' },
  not_current_terms: {
    en: 'Accept the current version of the terms.',
    es: 'Acepte la versión vigente de las condiciones.',
  },
} as const satisfies Record<string, Text> &
  Record<PasswordViolation | UsernameViolation | AnswerViolation, Text>;

export type FieldCode = keyof typeof fieldProblems;

export interface FieldError {
  /** A JSON Pointer into the body, or `header:` or `query:` and a name. */
  readonly pointer: string;
  readonly code: FieldCode;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** The sentence for a person, with `values` in its placeholders. */
export function fieldDetail({ code, values = {} }: FieldError, language: Language): string {
  return fieldProblems[code][language].replace(/\{(\w+)\}/g, (gap, name: string) =>
    String(values[name] ?? gap),
  );
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
  return typeof code === 'string' && code in fieldProblems ? (code as FieldCode) : 'wrong_format';
}

function isAbsent(body: unknown, path: readonly PropertyKey[]): boolean {
  const value = path.reduce<unknown>(
    (at, name) => (at as Record<PropertyKey, unknown> | undefined)?.[name],
    body,
  );
  return value === undefined;
}
