/**
 * How names and numbers that people type are compared (spec.md 1): without regard to case, accents, the kind of apostrophe,
 * hyphens against spaces, and repeated or surrounding spaces. What was typed is stored as it is.
 */

/** What people type for an apostrophe. Replaced before the rest: an acute accent of its own would fold to a space. */
const APOSTROPHES = /[‘’‛ʹʻʼʽ´`′＇｀ꞌ]/gu;
/** Dashes of every length; the minus sign is one to whoever types it. */
const DASHES = '\\p{Pd}\\u2212';
const DASHES_AND_SPACES = new RegExp(`[${DASHES}\\s]+`, 'gu');
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

/** `Séamus O’Dwyer` becomes `seamus o'dwyer`; a name without letters becomes the empty string. */
export function foldName(name: string): string {
  const folded = name
    .replace(APOSTROPHES, "'")
    .normalize('NFKD')
    .replace(APOSTROPHES, "'")
    .replace(MARKS, '')
    // By way of the capitals: they are the same for both forms of a letter that has two (ß and ss, ı and i, ς and σ).
    .toUpperCase()
    .toLowerCase()
    .replace(/[øłđðħþæœ]/gu, (letter) => PLAIN_LETTERS[letter] ?? letter)
    .replace(DASHES_AND_SPACES, ' ')
    .trim();
  return /\p{L}/u.test(folded) ? folded : '';
}

/** Whether two names are the same person's. An empty name is nobody's. */
export function sameName(a: string, b: string): boolean {
  const folded = foldName(a);
  return folded !== '' && folded === foldName(b);
}

/** An agent number without regard to case, spaces and hyphens. */
export function foldAgentNumber(number: string): string {
  return number.replace(DASHES_AND_SPACES, '').replace(MARKS, '').toUpperCase();
}
