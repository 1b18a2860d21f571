/** Everything that is derived with a key, or slows a guesser down. */
import type { AnswerFoldVersion } from '../domain/accounts/security-answers';

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
  /** Takes as long as a real comparison and is never true: for unknown people. */
  verifyNobody(password: string): Promise<false>;
}

export interface TokenDigests {
  /** Digest of a random bearer token of 256 bits, which needs no key. The token itself is never stored. */
  tokenDigest(token: string): string;
  /** Digest under the current pepper, for values that could be guessed: usernames, request bodies. */
  keyedDigest(text: string): string;
  /** AES-GCM under the current pepper. `open` returns null for what was not sealed here for that purpose. */
  seal(purpose: string, plain: string): string;
  open(purpose: string, sealed: string): string | null;
}

/** A security answer, folded by its version and hashed with argon2id under `salt`; both are base64url. */
export interface StretchedAnswer {
  readonly questionId: string;
  readonly salt: string;
  readonly stretched: string;
  readonly foldVersion: AnswerFoldVersion;
}

export interface AnswerStretcher {
  /** Folds and stretches an answer: as slow as a password's hash, and deterministic for one salt. */
  stretch(answer: string, salt: string, foldVersion: AnswerFoldVersion): Promise<string>;
  newSalt(): string;
}

/** How registration compares secrets. */
export interface BrokerSecrets {
  /** The pepper for new values. */
  readonly currentId: string;
  /** Ids of all peppers. */
  readonly ids: readonly string[];
  /** Keyed digest of the last six digits of an SSN; nothing else of it is kept. */
  ssnDigest(pepperId: string, ssnLast6: string): string;
  /** An invitation's access code in the form that is compared; derived, never stored. */
  invitationCode(pepperId: string, invitationId: string): string;
  /** The digest by which an invitation is found. The code has 76 random bits, so it needs no key. */
  invitationCodeDigest(code: string): string;
}

export interface InvitationCodes {
  /** An invitation's access code in the form that is compared. */
  invitationCode(pepperId: string, invitationId: string): string;
}

export interface PinSource {
  /** The PIN that this pepper produces for this reset, with its leading zeros. */
  pin(pepperId: string, resetId: string, sequence: number, digits: number): string;
}
