/** How typed text is trimmed, and folded for comparison. The stored value is only trimmed (spec.md 1). */
import { toALabels } from './domain-name';

/** Invisible characters: format characters such as zero-width spaces and joiners, separators, fillers, the blank braille pattern. */
const HIDDEN = String.raw`\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u2800\u3164\uffa0`;
const HIDDEN_CHARACTER = new RegExp(`[${HIDDEN}]`, 'u');
/** Not only `\s`: NEL is white space in Unicode but not in JavaScript. */
const AROUND = String.raw`[\s\u0085${HIDDEN}]`;
const AROUND_CHARACTER = new RegExp(AROUND, 'u');
const IS_SURROUNDED = new RegExp(`^${AROUND}|${AROUND}$`, 'u');

/** The text without white space and invisible characters at its ends. Linear time for any text. */
export function trimTyped(text: string): string {
  if (!IS_SURROUNDED.test(text)) return text;
  const characters = [...text];
  const isText = (character: string): boolean => !AROUND_CHARACTER.test(character);
  const first = characters.findIndex(isText);
  return first < 0 ? '' : characters.slice(first, characters.findLastIndex(isText) + 1).join('');
}

/** Whether the text has an invisible character. */
export function hasHiddenCharacter(text: string): boolean {
  return HIDDEN_CHARACTER.test(text);
}

/**
 * An email address folded for comparison: case, surrounding space, Unicode form (NFC), and the domain's spelling
 * (A-labels) do not matter. Addresses that only look alike stay different. Stored keys use this fold: after a change
 * of it, `refoldKeys` in `npm run migrate` updates them.
 */
export function foldEmail(email: string): string {
  const folded = caseless(email);
  const at = folded.lastIndexOf('@');
  return at < 0 ? folded : `${folded.slice(0, at)}@${toALabels(folded.slice(at + 1))}`;
}

/** A username folded for comparison: case, surrounding space, kind and number of inner spaces, and accent encoding do not matter. */
export function foldUsername(username: string): string {
  return caseless(username).replace(/\s+/g, ' ');
}

/** Composed again at the end, because a letter's lower case may be two characters. */
const caseless = (text: string): string => trimTyped(text).normalize('NFC').toLowerCase().normalize('NFC');

/** `m***@example.com`: enough for its owner to recognise, too little for anybody else. */
export function maskEmail(email: string): string {
  const trimmed = trimTyped(email);
  const at = trimmed.lastIndexOf('@');
  const [first = ''] = trimmed;
  return `${first}***${trimmed.slice(at)}`;
}
