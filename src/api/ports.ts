/** What the HTTP face needs from the outside. Adapters and starters implement these. */
import type { Application, Language, Portal } from '../domain/portal';
import type { ResetView } from '../domain/password-reset';

export interface Account {
  readonly id: string;
  readonly portal: Portal;
  readonly username: string;
  readonly firstName: string;
  readonly language: Language;
}

/** The account's current password hash and when it was set; absent while none was ever chosen. */
export interface AccountWithCredential extends Account {
  readonly credential: { readonly id: string; readonly hash: string; readonly setAtMs: number } | null;
}

export interface PastPassword {
  readonly credentialId: string;
  readonly hash: string;
  /** The reset that set it; null when it was changed by somebody who knew the one before. */
  readonly resetId: string | null;
}

export interface AccountStore {
  findById(accountId: string): Promise<Account | null>;
  /** By username without regard to case. */
  findByUsername(portal: Portal, username: string): Promise<AccountWithCredential | null>;
  /** By email address without regard to case and surrounding space. */
  findIdByEmail(portal: Portal, email: string): Promise<string | null>;
  /** The `length` newest passwords, the current one first. */
  passwordHistory(accountId: string, length: number): Promise<readonly PastPassword[]>;
}

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
  /** Takes as long as a real comparison and is never true: for people we do not know. */
  verifyNobody(password: string): Promise<false>;
}

export interface PasswordStaging {
  /** Keeps a hash until its reset commits it; `stagedId` is made by the caller. */
  stage(staged: {
    readonly stagedId: string;
    readonly resetId: string;
    readonly hash: string;
  }): Promise<void>;
}

export interface PasswordReplacement {
  readonly accountId: string;
  readonly credentialId: string;
  /** The credential that was checked; `false` comes back when another took its place meanwhile. */
  readonly previousCredentialId: string;
  readonly hash: string;
  readonly atMs: number;
  readonly address: string;
}

export interface PasswordReplacer {
  /** One transaction: new credential, old one to history, all sessions ended, audit event. */
  replace(replacement: PasswordReplacement): Promise<boolean>;
}

export interface NewSession {
  readonly accountId: string;
  /** The credential that was checked: the session is good only while it is the current one. */
  readonly credentialId: string;
  readonly application: Application;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface SessionStore {
  create(tokenDigest: string, session: NewSession): Promise<void>;
  /** The session and its account, unless it was revoked or is over at `nowMs`. `passwordSetAtMs`: of the current password. */
  find(
    tokenDigest: string,
    nowMs: number,
  ): Promise<{
    readonly account: Account;
    readonly application: Application;
    readonly expiresAtMs: number;
    readonly passwordSetAtMs: number;
  } | null>;
  revoke(tokenDigest: string, nowMs: number): Promise<void>;
}

/** A page's hold on a reset, as `openToken` gives it back. */
export interface OpenedReset {
  readonly resetId: string;
  readonly token: string;
  readonly portal: Portal;
  readonly sentTo: string;
  readonly view: ResetView;
}

/** A token's reset as its holder may see it. `accountId` only for the token that proved identity. */
export interface HeldReset {
  readonly resetId: string;
  readonly portal: Portal;
  readonly sentTo: string;
  readonly view: ResetView;
  readonly accountId?: string;
}

export type OpenResetResult =
  | { readonly kind: 'opened'; readonly reset: OpenedReset }
  | { readonly kind: 'exhausted'; readonly retryAfterMs: number | null };

export type SubmitPinResult =
  | { readonly kind: 'accepted'; readonly reset: HeldReset }
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'exhausted'; readonly retryAfterMs: number | null }
  | { readonly kind: 'over' };

export type ResendResult =
  | { readonly kind: 'made'; readonly reset: HeldReset }
  | { readonly kind: 'too-soon'; readonly retryAfterMs: number }
  | { readonly kind: 'already-proved' }
  | { readonly kind: 'exhausted'; readonly retryAfterMs: number | null }
  | { readonly kind: 'over' };

export type ChooseResetResult =
  | { readonly kind: 'done'; readonly reset: HeldReset }
  | { readonly kind: 'not-proved' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'over' };

/** Starts and drives `passwordReset` runs. Throws `AppError('unauthorized')` for a wrong or foreign token, `AppError('unavailable')` when Temporal cannot answer. */
export interface PasswordResets {
  openForMember(email: string): Promise<OpenResetResult>;
  look(resetId: string, token: string): Promise<HeldReset>;
  /** As `look`, but may answer from memory that this token proved identity: good enough before a step that checks it again. */
  lookBeforeChoosing(resetId: string, token: string): Promise<HeldReset>;
  submitPin(resetId: string, token: string, pin: string): Promise<SubmitPinResult>;
  resend(resetId: string, token: string): Promise<ResendResult>;
  commitPassword(resetId: string, token: string, stagedId: string): Promise<ChooseResetResult>;
  showUsername(resetId: string, token: string): Promise<ChooseResetResult>;
  cancel(resetId: string, token: string): Promise<void>;
}

/** Starts the run that delivers an email of the ledger. */
export interface NoticeAnnouncer {
  /** Call before the change is written: the run waits for the ledger's row and ends as outdated when none appears. */
  announcePasswordChanged(notice: {
    readonly accountId: string;
    readonly credentialId: string;
    readonly atMs: number;
  }): Promise<void>;
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

/** What `/readyz` asks; each resolves to true or false within its own time limit. */
export interface ReadinessChecks {
  database(): Promise<boolean>;
  temporal(): Promise<boolean>;
  worker(): Promise<boolean>;
}

export interface RequestLimiter {
  /** Takes `points` (default 1) from `budget` for `key`; milliseconds until the next try when it is empty, else null. */
  take(budget: LimitName, key: string, points?: number): Promise<number | null>;
  /** Returns one point that turned out not to be due: it was taken before a password that was right. */
  giveBack(budget: LimitName, key: string): Promise<void>;
  /** Milliseconds until `key` has anything left, without taking; null when it has. */
  blockedForMs(budget: LimitName, key: string): Promise<number | null>;
}

/** Budgets of requests; their sizes stand in one table beside the limiter. */
export type LimitName =
  'requests' | 'reset-openings' | 'proofs' | 'sign-ins' | 'wrong-passwords' | 'wrong-pins-everywhere';

export interface IdempotencyStore {
  /** Claims the key for this body, or tells what is there. A claim without an answer lapses after a minute. */
  begin(
    keyDigest: string,
    bodyDigest: string,
  ): Promise<
    | { readonly kind: 'claimed' | 'running' | 'other-body' }
    | { readonly kind: 'answered'; readonly status: number; readonly answer: string }
  >;
  /** Keeps the answer (sealed by the caller) for 24 hours. */
  finish(keyDigest: string, status: number, answer: string): Promise<void>;
  /** Gives the key back: the request failed in a way that may be tried again. */
  release(keyDigest: string): Promise<void>;
}
