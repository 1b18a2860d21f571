/**
 * How names and numbers that people type are compared (spec.md 1): without regard to case, accents, apostrophes, hyphens and dots
 * against spaces, and repeated or surrounding spaces; last names also without suffixes such as Jr. The typed value is
 * stored unchanged. Stored keys use this fold: after a change of it, `refoldKeys` in `npm run migrate` updates them.
 */
import { dotsAsSpaces, joined, withoutApostrophes } from './punctuation';

/** Accents and invisible characters. */
const MARKS = /[\p{M}\p{Cf}]/gu;
/** Letters whose stroke or second half is not an accent in Unicode, but is on a keyboard. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
};

/** At the end of a last name, after a space or a comma. */
const SUFFIXES = /(?:[ ,]+(?:jr|sr|ii|iii|iv))+$/u;

/** `Séamus O’Dwyer` becomes `seamus odwyer`, `St. John` becomes `st john`; a name without letters becomes the empty string. */
export function foldName(name: string): string {
  // Compose first, so that an accent used as an apostrophe is one character, however it was typed.
  const plain = withoutApostrophes(withoutApostrophes(name.normalize('NFC')).normalize('NFKD'));
  // Dots before case: the lower case of Σ depends on what stands next to it.
  const folded = dotsAsSpaces(plain.replace(MARKS, ''))
    // Via upper case, which is the same for both forms of a letter (ß and ss, ı and i, ς and σ). Start from
    // lower case, because the upper case of ẞ is ẞ, not SS.
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replace(/[øłđðħþæœ]/gu, (letter) => PLAIN_LETTERS[letter] ?? letter);
  return orNothing(joined(folded, ' ').trim());
}

/** As `foldName`, without Jr., Sr., II, III and IV at the end: `Smith, Jr.` becomes `smith`. */
export function foldLastName(name: string): string {
  const folded = foldName(name);
  return orNothing(folded.replace(SUFFIXES, '')) || folded;
}

/** The search keys of a person's last names, the current one first, without duplicates. */
export function lastNameKeys(lastNames: readonly string[]): string[] {
  return [...new Set(lastNames.map(foldLastName))];
}

/** Whether two last names may belong to the same person. An empty name matches nothing. */
export function sameLastName(a: string, b: string): boolean {
  const folded = foldLastName(a);
  return folded !== '' && folded === foldLastName(b);
}

/** An agent number without regard to case, spaces and hyphens. */
export function foldAgentNumber(number: string): string {
  return joined(number, '').replace(MARKS, '').toUpperCase();
}

const orNothing = (folded: string): string => (/\p{L}/u.test(folded) ? folded : '');
