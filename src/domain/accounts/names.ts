/**
 * How names and numbers that people type are compared (spec.md 1): without regard to case, accents, apostrophes, hyphens and dots
 * against spaces, and repeated or surrounding spaces; last names also without what tells father and son apart. What was typed is
 * stored as it is. Stored keys are made of it: a change of it reaches them by `refoldKeys` of `npm run migrate`.
 */
import { dotsAsSpaces, joined, withoutApostrophes } from './punctuation';

/** Accents, and characters that show nothing. */
const MARKS = /[\p{M}\p{Cf}]/gu;
/** Letters whose stroke or second half is not an accent to Unicode, though it is to a keyboard. */
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
  // Composed first: then an accent that stands for an apostrophe is one character, however it was typed.
  const plain = withoutApostrophes(withoutApostrophes(name.normalize('NFC')).normalize('NFKD'));
  const folded = plain
    .replace(MARKS, '')
    // By way of the capitals: they are the same for both forms of a letter that has two (ß and ss, ı and i, ς and σ). From the small
    // letters on: the capital ẞ is its own capital, and no SS.
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replace(/[øłđðħþæœ]/gu, (letter) => PLAIN_LETTERS[letter] ?? letter);
  return orNothing(joined(dotsAsSpaces(folded), ' ').trim());
}

/** As `foldName`, without Jr., Sr., II, III and IV at the end: `Smith, Jr.` becomes `smith`. */
export function foldLastName(name: string): string {
  const folded = foldName(name);
  return orNothing(folded.replace(SUFFIXES, '')) || folded;
}

/** What a person's last names, the current one first, are found by: each once. */
export function lastNameKeys(lastNames: readonly string[]): string[] {
  return [...new Set(lastNames.map(foldLastName))];
}

/** Whether two last names may be the same person's. An empty name is nobody's. */
export function sameLastName(a: string, b: string): boolean {
  const folded = foldLastName(a);
  return folded !== '' && folded === foldLastName(b);
}

/** An agent number without regard to case, spaces and hyphens. */
export function foldAgentNumber(number: string): string {
  return joined(number, '').replace(MARKS, '').toUpperCase();
}

const orNothing = (folded: string): string => (/\p{L}/u.test(folded) ? folded : '');
