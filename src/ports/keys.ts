/** Everything that is made with a key, or costs a guesser time. */
import type { AnswerFoldVersion } from '../domain/accounts/security-answers';

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
  /** Takes as long as a real comparison and is never true: for people we do not know. */
  verifyNobody(password: string): Promise<false>;
}

export interface TokenDigests {
  /** Digest of a random bearer token of 256 bits, which needs no key; the token itself is kept nowhere. */
  tokenDigest(token: string): string;
  /** Digest under the current pepper, for what could be guessed: usernames, bodies of requests. */
  keyedDigest(text: string): string;
  /** AES-GCM under the current pepper; `null` from `open` when it was not sealed here for that purpose. */
  seal(purpose: string, plain: string): string;
  open(purpose: string, sealed: string): string | null;
}

/** A security answer, folded by its version, after argon2id under `salt`; both base64url. */
export interface StretchedAnswer {
  readonly questionId: string;
  readonly salt: string;
  readonly stretched: string;
  readonly foldVersion: AnswerFoldVersion;
}

export interface AnswerStretcher {
  /** Folds and stretches an answer: as slow as a password's hash, and the same for the same salt. */
  stretch(answer: string, salt: string, foldVersion: AnswerFoldVersion): Promise<string>;
  newSalt(): string;
}

/** What registration compares secrets by. */
export interface BrokerSecrets {
  /** The pepper that new things are made with. */
  readonly currentId: string;
  /** Ids of all peppers. */
  readonly ids: readonly string[];
  /** Keyed digest of the last six digits of an SSN: all that is kept of it. */
  ssnDigest(pepperId: string, ssnLast6: string): string;
  /** The access code of an invitation, as it is compared; derived, never stored. */
  invitationCode(pepperId: string, invitationId: string): string;
  /** What an invitation's code is looked up by. The code has 76 random bits, so it needs no key. */
  invitationCodeDigest(code: string): string;
}

export interface InvitationCodes {
  /** The access code of an invitation, as it is compared. */
  invitationCode(pepperId: string, invitationId: string): string;
}

export interface PinSource {
  /** The PIN that this pepper gives this reset, with its leading zeros. */
  pin(pepperId: string, resetId: string, sequence: number, digits: number): string;
}
