/** Keeps inserted values from breaking out of the line they stand in, or from reading as something else. */

const LINE_BREAKERS = /[\p{Cc}\p{Zl}\p{Zp}]/gu;
const UNPAIRED_SURROGATES = /\p{Cs}/gu;
/** Characters nobody can see: what reorders the text around it, soft hyphens, tags. Joiners stay: some scripts need them. */
const INVISIBLE = /[^\P{Cf}\u200C\u200D]/gu;

/** `value` on one line: control characters and line ends become spaces, invisible ones go, runs of spaces shrink to one. */
export function plainLine(value: string): string {
  return value
    .replace(LINE_BREAKERS, ' ')
    .replace(UNPAIRED_SURROGATES, '')
    .replace(INVISIBLE, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

const LONGEST_NAME = 60;
/** What mail clients turn into a link on their own: `somewhere.example`, an address, a scheme. */
const LINK_BAIT = /:\/\/|@|\bwww\.|[\p{L}\p{N}-]{2,}\.\p{L}{2,}/iu;

/** The name to greet with, or null when it is empty, too long for a greeting, or would be shown as a link. */
export function greetingName(firstName: string): string | null {
  const name = plainLine(firstName);
  return name === '' || name.length > LONGEST_NAME || LINK_BAIT.test(name) ? null : name;
}
