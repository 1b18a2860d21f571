/** The marks that people type in different ways, or leave out, folded for comparing. Given text in NFKC or NFKD. */

/** What people type for an apostrophe or a single quote; it folds to nothing, as many systems leave it out. */
const APOSTROPHES = /['‘’‚‛‹›ʹʻʼʽ´`′＇｀ꞌꞋ]/gu;
const DOUBLE_QUOTES = /["“”„‟«»″＂]/gu;
/** Dashes of every length; the minus sign is one to whoever types it. */
const DASHES_AND_SPACES = /[\p{Pd}\u2212\s]+/gu;
/** Those of titles and initials, and at an end; not the one in 3.5. */
const DOTS = /\.(?!\p{N})/gu;

/** Without apostrophes. Also for text before normalisation: compatibility forms would make an acute accent of its own a space. */
export const withoutApostrophes = (text: string): string => text.replace(APOSTROPHES, '');

/** Without double quotes. */
export const withoutDoubleQuotes = (text: string): string => text.replace(DOUBLE_QUOTES, '');

/** Dots that are no number's as spaces. */
export const dotsAsSpaces = (text: string): string => text.replace(DOTS, ' ');

/** Dashes and spaces, each run of them, as one `joint`. */
export const joined = (text: string, joint: '' | ' '): string => text.replace(DASHES_AND_SPACES, joint);
