/** How typed text is trimmed, and folded before it is compared. What was typed is stored as it is, but for the trimming (spec.md 1). */
import { toALabels } from './domain-name';

/** What shows nothing: format characters such as zero-width spaces and joiners, separators, fillers, the blank braille pattern. */
const HIDDEN = String.raw`\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u2800\u3164\uffa0`;
const HIDDEN_CHARACTER = new RegExp(`[${HIDDEN}]`, 'u');
/** Not `\s` alone: NEL is white space to Unicode and not to JavaScript. */
const AROUND = String.raw`[\s\u0085${HIDDEN}]`;
const AROUND_CHARACTER = new RegExp(AROUND, 'u');
const IS_SURROUNDED = new RegExp(`^${AROUND}|${AROUND}$`, 'u');

/** The text without white space and without characters that show nothing at its ends. In linear time, whatever the text. */
export function trimTyped(text: string): string {
  if (!IS_SURROUNDED.test(text)) return text;
  const characters = [...text];
  const isText = (character: string): boolean => !AROUND_CHARACTER.test(character);
  const first = characters.findIndex(isText);
  return first < 0 ? '' : characters.slice(first, characters.findLastIndex(isText) + 1).join('');
}

/** Whether the text has a character that shows nothing. */
export function hasHiddenCharacter(text: string): boolean {
  return HIDDEN_CHARACTER.test(text);
}

/**
 * An email address without regard to case, surrounding space, the Unicode form of its characters (NFC), and how its domain is
 * written (as A-labels). What looks like another address, and is none, stays another one. Stored keys are made of it: a change
 * of it reaches them by `refoldKeys` of `npm run migrate`.
 */
export function foldEmail(email: string): string {
  const folded = caseless(email);
  const at = folded.lastIndexOf('@');
  return at < 0 ? folded : `${folded.slice(0, at)}@${toALabels(folded.slice(at + 1))}`;
}

/** A username without regard to case, surrounding space, the kind and number of spaces inside, and how accents are encoded. */
export function foldUsername(username: string): string {
  return caseless(username).replace(/\s+/g, ' ');
}

/** Composed again in the end: the small form of a letter may be two characters. */
const caseless = (text: string): string => trimTyped(text).normalize('NFC').toLowerCase().normalize('NFC');

/** `m***@example.com`: enough for its owner to recognise, too little for anybody else. */
export function maskEmail(email: string): string {
  const trimmed = trimTyped(email);
  const at = trimmed.lastIndexOf('@');
  const [first = ''] = trimmed;
  return `${first}***${trimmed.slice(at)}`;
}
