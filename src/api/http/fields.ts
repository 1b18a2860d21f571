/** Formats of single fields in requests, answers and the OpenAPI document. */
import { z } from 'zod';
import { PORTALS } from '../../domain/portal';
import { EMAIL_FORM, MAX_EMAIL_LENGTH } from '../../domain/accounts/email-address';
import { hasHiddenCharacter, trimTyped } from '../../domain/accounts/text';

const MAX_PASSWORD_LENGTH = 1024;
const MAX_NAME_LENGTH = 200;

/** What `trimTyped` removes, for the document's patterns: they have no flags, and so no `\p{Cf}`. */
const AROUND =
  '[\\s\\u0085\\u00ad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u115f\\u1160\\u180e' +
  '\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\u2800\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb]*';

/** `params.code` of a refused string becomes the `code` of its `errors` entry. */
const refusing = (
  isRefused: (text: string) => boolean,
  code: string,
): [(text: string) => boolean, { abort: true; params: object }] => [
  (text) => !isRefused(text),
  { abort: true, params: { code } },
];

const isMalformed = (text: string): boolean => /\p{Cs}/u.test(text);
const hasControls = (text: string): boolean => /\p{Cc}/u.test(text);

/**
 * A string a person typed or pasted, without surrounding white space and invisible characters. Inside the string, invisible
 * characters are refused, like control characters: nobody could see them, and the text would be ambiguous.
 */
const typed = (): z.ZodString =>
  z
    .string()
    .overwrite(trimTyped)
    .refine(...refusing(isMalformed, 'malformed_text'))
    .refine(...refusing(hasControls, 'control_character'))
    .refine(...refusing(hasHiddenCharacter, 'hidden_character'));

/** A non-empty string, typed as above, of at most `maxLength` UTF-16 units once trimmed. */
export function typedText(maxLength: number): z.ZodString {
  return typed().min(1, { abort: true }).max(maxLength, { abort: true });
}

/** The same, in a format: the source of a regular expression without flags. The document's pattern allows for what is trimmed. */
export function typedForm(maxLength: number, form: string): z.ZodString {
  return typedText(maxLength)
    .regex(new RegExp(`^(?:${form})$`), { abort: true })
    .meta({ pattern: `^${AROUND}(?:${form})${AROUND}$` });
}

/** A UUID, typed as above. */
export function typedId(): z.ZodString {
  return typed().check(z.uuid({ abort: true }));
}

/** `YYYY-MM-DD`, typed as above. */
export function typedDate(): z.ZodString {
  return typed().check(z.iso.date({ abort: true }));
}

/** ISO 8601 with a time zone, typed as above. */
export function typedTime(): z.ZodString {
  return typed().check(z.iso.datetime({ offset: true, abort: true }));
}

/**
 * A password exactly as typed: never truncated, folded or trimmed (spec.md 1). The portal's rule decides whether
 * it may be chosen.
 */
export function typedPassword(): z.ZodString {
  return z
    .string()
    .refine(...refusing(isMalformed, 'malformed_text'))
    .refine(...refusing(hasControls, 'control_character'))
    .min(1, { abort: true })
    .max(MAX_PASSWORD_LENGTH, { abort: true });
}

/** An email address, typed as above. */
export function typedEmail(): z.ZodString {
  return typedForm(MAX_EMAIL_LENGTH, EMAIL_FORM);
}

/** A person's name, typed as above: any letters, several words, one letter. */
export function typedName(): z.ZodString {
  return typedText(MAX_NAME_LENGTH).refine((name) => /\p{L}/u.test(name), {
    params: { code: 'wrong_format' },
  });
}

/** Where a list continues. */
export function typedCursor(maxLength: number): z.ZodOptional<z.ZodString> {
  return typedText(maxLength).optional().meta({ description: '`nextCursor` of the page before.' });
}

/** Epoch milliseconds in their output format: ISO 8601 in UTC. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** A time in an answer. */
export const timestamp = (): z.ZodISODateTime =>
  z.iso.datetime().meta({ example: '2026-03-02T16:30:00.000Z' });

/** `{portal}` in a path. */
export const portalParams = z.object({
  portal: z.enum(PORTALS).meta({ description: 'Which portal.', example: 'member' }),
});

/** The body of a call that has none: empty, or `{}`. */
export const noBody = z.strictObject({});
