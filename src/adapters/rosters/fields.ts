/** Formats of single roster fields. Messages are reasons. */
import { z } from 'zod';
import { MAX_EMAIL_LENGTH, isEmailAddress } from '../../domain/accounts/email-address';
import { foldAgentNumber, foldName } from '../../domain/accounts/names';
import { trimTyped } from '../../domain/accounts/text';
import { US_STATES } from './us-states';
import { reason } from './reason';

/** No control characters, line ends or bidirectional formatting characters: the text goes into emails. */
const plainText = /^[^\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/u;

const MAX_NAME_LENGTH = 100;

/** A value without surrounding white space and invisible characters, as in the fields of requests. */
export const trimmed = () => z.string().overwrite(trimTyped);

/** The values of a list in one field, each trimmed; none of them is empty. */
export const trimmedList = (list: string): string[] =>
  list
    .split(';')
    .map(trimTyped)
    .filter((value) => value !== '');

/** Text that may be empty. */
export const optionalText = (maxLength: number) =>
  trimmed()
    .max(maxLength, reason('too-long', { max: maxLength }))
    .regex(plainText, reason('control-character'));

export const text = (maxLength: number) => optionalText(maxLength).min(1, reason('empty'));

/** An address as accepted when a reset is opened, with a dot in its domain. */
export const email = () =>
  text(MAX_EMAIL_LENGTH).refine(
    (typed) => isEmailAddress(typed) && /@[^@]+\.[^@.]{2,}$/.test(typed),
    reason('not-an-email'),
  );

export const personName = () => text(MAX_NAME_LENGTH);

/** A name that people are compared by. A name without letters would match nobody (domain/names.ts). */
export const comparedName = () =>
  personName().refine((name) => foldName(name) !== '', { error: reason('no-letter'), abort: true });

/** One of `words`, in exactly this spelling. */
export const word = <const Word extends string>(words: readonly Word[]) =>
  trimmed().pipe(z.enum(words, reason('none-of', { words: words.join(', ') })));

/** As given, without surrounding space. Compared like agent numbers. */
export const staffNumber = () =>
  text(40).refine((number) => /^[A-Z0-9]{2,20}$/.test(foldAgentNumber(number)), {
    error: reason('not-a-number'),
    abort: true,
  });

/** Like a staff number. `SYS` is reserved for the access codes of corporations (spec.md 2). */
export const agentNumber = () =>
  staffNumber().refine((number) => !foldAgentNumber(number).startsWith('SYS'), reason('begins-with-sys'));

/** The same, or empty: null. */
export const optionalAgentNumber = () =>
  trimmed()
    .transform((typed) => (typed === '' ? null : typed))
    .pipe(z.nullable(agentNumber()));

/** Contract, plan benefit package and segment as numbered by CMS, in capital letters. */
export const planId = () =>
  text(40)
    .toUpperCase()
    .regex(/^[A-Z][0-9]{4}-[0-9]{3}-[0-9]{3}$/, reason('not-a-plan-id'));

export const usState = () => text(40).refine((state) => US_STATES.has(state), reason('not-a-state'));

/** `YYYY-MM-DD` from the year 1900 on. */
export const date = () => text(40).refine(isDate, { error: reason('not-a-date'), abort: true });

/** The same, or empty: null. */
export const optionalDate = () =>
  trimmed()
    .transform((typed) => (typed === '' ? null : typed))
    .pipe(z.nullable(date()));

function isDate(typed: string): boolean {
  return z.iso.date().safeParse(typed).success && typed >= '1900';
}
