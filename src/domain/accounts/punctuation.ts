/** Folds punctuation that people type differently or leave out. Expects text in NFKC or NFKD. */

/** Characters typed as apostrophe or single quote; removed, because many systems leave them out. */
const APOSTROPHES = /['‘’‚‛‹›ʹʻʼʽ´`′＇｀ꞌꞋ]/gu;
const DOUBLE_QUOTES = /["“”„‟«»″＂]/gu;
/** Dashes of every length, including the minus sign. */
const DASHES_AND_SPACES = /[\p{Pd}\u2212\s]+/gu;
/** Dots after titles and initials, and at the end; not the one in 3.5. */
const DOTS = /\.(?!\p{N})/gu;

/** Removes apostrophes. Also for text before normalisation: compatibility forms would turn a standalone acute accent into a space. */
export const withoutApostrophes = (text: string): string => text.replace(APOSTROPHES, '');

/** Removes double quotes. */
export const withoutDoubleQuotes = (text: string): string => text.replace(DOUBLE_QUOTES, '');

/** Turns dots outside numbers into spaces. */
export const dotsAsSpaces = (text: string): string => text.replace(DOTS, ' ');

/** Turns each run of dashes and spaces into one `joint`. */
export const joined = (text: string, joint: '' | ' '): string => text.replace(DASHES_AND_SPACES, joint);
