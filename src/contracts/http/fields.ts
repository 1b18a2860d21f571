/** What single fields of requests and answers look like, on the wire and in the OpenAPI document. */
import { z } from 'zod';
import { portalPolicies, type Portal } from '../../domain/portal';

/** `member` and `broker`. */
export const PORTALS = Object.keys(portalPolicies) as [Portal, ...Portal[]];

const MAX_EMAIL_LENGTH = 254;
const MAX_PASSWORD_LENGTH = 1024;
const MAX_NAME_LENGTH = 200;

/** `params.code` of a refused string becomes the `code` of its `errors` entry. */
const refusing = (
  pattern: RegExp,
  code: string,
): [(text: string) => boolean, { abort: true; params: object }] => [
  (text) => !pattern.test(text),
  { abort: true, params: { code } },
];

/** A string without control characters and halves of characters. */
const typed = (): z.ZodString =>
  z
    .string()
    .refine(...refusing(/\p{Cs}/u, 'malformed_text'))
    .refine(...refusing(/\p{Cc}/u, 'control_character'));

/** A non-empty string a person typed, at most `maxLength` UTF-16 units once the space around it is gone. */
export function typedText(maxLength: number): z.ZodString {
  return typed().trim().min(1, { abort: true }).max(maxLength, { abort: true });
}

/** A password exactly as typed: never cut, folded or trimmed (spec.md 1). Whether it may be chosen is the portal's rule. */
export function typedPassword(): z.ZodString {
  return typed().min(1, { abort: true }).max(MAX_PASSWORD_LENGTH, { abort: true });
}

/**
 * An email address as typed, without the space around it. Letters of any alphabet are accepted: an address that only looks
 * like another one is another one. Marks that show nothing, or turn the direction of text, are not.
 */
export function typedEmail(): z.ZodString {
  return (
    typedText(MAX_EMAIL_LENGTH)
      .refine(...refusing(/[\p{Cf}\p{Zl}\p{Zp}]/u, 'hidden_character'))
      // Without the flag `u`, which the OpenAPI document would take for a part of the pattern.
      .regex(/^[^\s@"<>()[\]\\,;:]{1,64}@[^\s@"<>()[\]\\,;:]{1,253}$/)
  );
}

/**
 * A person's name as typed, without the space around it: any letters, several words, one letter. What shows nothing or turns the
 * direction of text is no part of a name.
 */
export function typedName(): z.ZodString {
  return typedText(MAX_NAME_LENGTH)
    .refine(...refusing(/[\p{Cf}\p{Zl}\p{Zp}]/u, 'hidden_character'))
    .refine((name) => /\p{L}/u.test(name), { params: { code: 'wrong_format' } });
}

/** Epoch milliseconds as they are written: ISO 8601 in UTC. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** A time in an answer. */
export const timestamp = (): z.ZodISODateTime =>
  z.iso.datetime().meta({ example: '2026-03-02T16:30:00.000Z' });

/** `{portal}` in a path. */
export const portalParams = z.object({
  portal: z.enum(PORTALS).meta({ description: 'Which portal.', example: 'member' }),
});

/** The body of a call that has none: nothing, or `{}`. */
export const noBody = z.strictObject({});
