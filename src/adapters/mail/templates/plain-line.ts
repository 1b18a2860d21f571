/** Prevents inserted values from breaking out of their line or looking like something else. */

const LINE_BREAKERS = /[\p{Cc}\p{Zl}\p{Zp}]/gu;
const UNPAIRED_SURROGATES = /\p{Cs}/gu;
/** Invisible characters: those that reorder text, soft hyphens, tags. Joiners stay, because some scripts need them. */
const INVISIBLE = /[^\P{Cf}\u200C\u200D]/gu;

/** `value` on one line: control characters and line ends become spaces, invisible ones are removed, runs of spaces become one. */
export function plainLine(value: string): string {
  return value
    .replace(LINE_BREAKERS, ' ')
    .replace(UNPAIRED_SURROGATES, '')
    .replace(INVISIBLE, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

const LONGEST_NAME = 60;
/** Text that mail clients turn into a link: `somewhere.example`, an address, a scheme. */
const LINK_BAIT = /:\/\/|@|\bwww\.|[\p{L}\p{N}-]{2,}\.\p{L}{2,}/iu;

/** The name for the greeting; null if it is empty, too long, or would be shown as a link. */
export function greetingName(firstName: string): string | null {
  const name = plainLine(firstName);
  return name === '' || name.length > LONGEST_NAME || LINK_BAIT.test(name) ? null : name;
}
