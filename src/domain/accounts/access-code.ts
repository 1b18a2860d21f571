/**
 * Access codes of the broker portal (spec.md 2): for an agent `C` + writing number + last six digits of the SSN + `A`; for a
 * corporation the same with `SYS` in front of its agent number and its licensed principal's digits; for others a code that
 * staff issued. Compared without regard to case, spaces and hyphens.
 */
import { foldAgentNumber } from './names';

export type AccessCode =
  | { readonly kind: 'agent' | 'corporation'; readonly agentKey: string; readonly ssnLast6: string }
  | { readonly kind: 'invitation'; readonly code: string };

const AGENT_CODE = /^C(SYS)?([A-Z0-9]{2,20}?)(\d{6})A$/;
const CORPORATION_PREFIX = /^SYS/;

/** The parts of a typed code; null if it is neither kind. An agent number may end in digits: the last six are the SSN's. */
export function parseAccessCode(typed: string): AccessCode | null {
  const code = foldAgentNumber(typed);
  if (isInvitationCode(code)) return { kind: 'invitation', code };
  const [, prefix, agentKey, ssnLast6] = AGENT_CODE.exec(code) ?? [];
  // `SYS` twice would be a number that starts with `SYS`, which no corporation has.
  if (agentKey === undefined || ssnLast6 === undefined || CORPORATION_PREFIX.test(agentKey)) return null;
  return { kind: prefix === undefined ? 'agent' : 'corporation', agentKey, ssnLast6 };
}

/** Letters and digits that cannot be confused. */
const INVITATION_ALPHABET = '23456789BCDFGHJKMNPQRSTVWXYZ';
const INVITATION_LENGTH = 16;
const INVITATION_PREFIX = 'T';

/** The code from at least 16 bytes of a MAC: `T` and sixteen characters, about 76 bits. */
export function invitationCodeFromMac(mac: Uint8Array): string {
  const characters = Array.from(
    mac.subarray(0, INVITATION_LENGTH),
    (byte) => INVITATION_ALPHABET[byte % INVITATION_ALPHABET.length],
  );
  return INVITATION_PREFIX + characters.join('');
}

/** The printed form, in groups that are easy to read aloud: `TXXXX-XXXX-XXXX-XXXX`. */
export function displayInvitationCode(code: string): string {
  return [code.slice(0, 5), code.slice(5, 9), code.slice(9, 13), code.slice(13)].join('-');
}

function isInvitationCode(code: string): boolean {
  return (
    code.length === INVITATION_LENGTH + 1 &&
    code.startsWith(INVITATION_PREFIX) &&
    [...code.slice(1)].every((character) => INVITATION_ALPHABET.includes(character))
  );
}
