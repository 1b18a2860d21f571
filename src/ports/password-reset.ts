/** Resets of forgotten passwords: their runs, what they were opened for, and their use of the budget. */
import type { Operation } from './operation';
import type { ChooseResult, RecordWrongGuessInput } from '../contracts/password-reset';
import type { SecurityAnswer } from '../domain/accounts/security-answers';
import type {
  ProofAnswer,
  ProofKind,
  ResendAnswer,
  ResetRecord,
  ResetView,
} from '../domain/password-reset/password-reset';
import type { ResetUsage } from '../domain/password-reset/reset-budget';
import type { Portal } from '../domain/portal';

export interface PasswordStaging {
  /** Keeps a hash until its reset commits it. The caller generates `stagedId`. */
  stage(staged: {
    readonly stagedId: string;
    readonly resetId: string;
    readonly hash: string;
  }): Promise<void>;
}

/**
 * What each reset was opened for: an account as it was then, or an unknown person. A reset stands while none of that has changed.
 */
export interface ResetRecords {
  /** Called before its run begins. Idempotent by id. */
  open(reset: {
    readonly resetId: string;
    readonly accountId: string | null;
    readonly atMs: number;
  }): Promise<void>;
  /** The reset's account; null once the reset no longer stands, or for an unknown person. */
  holder(resetId: string): Promise<{ readonly accountId: string; readonly username: string } | null>;
  /** Whether it was opened for this account and stands; for null, whether it was opened for an unknown person. */
  isFor(resetId: string, accountId: string | null): Promise<boolean>;
  /** Counts one more chosen password that is compared with earlier ones; false after `atMost`, also for concurrent calls. */
  takeChoice(resetId: string, atMost: number): Promise<boolean>;
}

/** A page's hold on a reset, as `openToken` returns it. */
export interface OpenedReset extends ResetForHolder {
  readonly token: string;
}

/**
 * A token's reset as its holder may see it. `accountId` and `username` are set only for the token that proved identity,
 * while the reset stands.
 */
export interface ResetForHolder {
  readonly resetId: string;
  readonly portal: Portal;
  readonly proof: ProofKind;
  /** Members: the address as typed, masked. */
  readonly sentTo?: string | undefined;
  /** If it is proved by answers: the ids of the two questions. */
  readonly questionIds?: readonly string[] | undefined;
  /** The number of digits of its PINs, if it has any; absent in tokens of earlier builds: the current policy's. */
  readonly pinDigits?: number | undefined;
  readonly view: ResetView;
  readonly accountId?: string;
  readonly username?: string;
}

/** `accountId`: the reset's account, if known. For the audit log, never shown outside. */
export type OpenResetResult = { readonly accountId?: string | undefined } & (
  | { readonly kind: 'opened'; readonly reset: OpenedReset }
  | { readonly kind: 'exhausted'; readonly retryAfterMs: number | null }
);

interface WentOn {
  readonly reset: ResetForHolder;
}

/** What the API learns from a run's answer. `retryAfterMs`: null if only the helpdesk can help. */
interface AnswerFacts {
  readonly accepted: WentOn;
  readonly made: WentOn;
  readonly done: WentOn;
  readonly wrong: { readonly triesLeft: number };
  readonly 'too-soon': { readonly retryAfterMs: number };
  readonly exhausted: { readonly retryAfterMs: number | null };
}

type AnswerOf<Kind extends string> = Kind extends keyof AnswerFacts
  ? { readonly kind: Kind } & AnswerFacts[Kind]
  : { readonly kind: Kind };

export type SubmitProofResult = AnswerOf<ProofAnswer['kind']> & {
  /** The reset's account, for the audit log only: known whether or not the proof was right. */
  readonly accountId?: string | undefined;
};
export type ResendResult = AnswerOf<ResendAnswer['kind']>;
export type ChooseResetResult = AnswerOf<ChooseResult['answer']>;

/**
 * Starts and drives `passwordReset` runs. A call repeated by the same operation is carried out once and gets the first answer,
 * even if the run has ended; calls without an operation are independent. Throws `UnavailableError`, and `ResetRefusedError`:
 * `unauthorized` for a wrong or foreign token, and `wrong_proof`, before anything is counted, for a PIN call (`submitPin`,
 * `resend`, `showUsername`) on a reset that is proved by answers and for answers on one by PIN; for `showUsername` on any broker's.
 */
export interface PasswordResets {
  openForMember(email: string, operation?: Operation): Promise<OpenResetResult>;
  openForBroker(
    person: { readonly username: string; readonly firstName: string; readonly lastName: string },
    proof: ProofKind,
    operation?: Operation,
  ): Promise<OpenResetResult>;
  /** What the token itself contains, without a call to the run. */
  readToken(
    resetId: string,
    token: string,
  ): Pick<ResetForHolder, 'portal' | 'proof' | 'questionIds' | 'pinDigits'>;
  look(resetId: string, token: string): Promise<ResetForHolder>;
  submitPin(resetId: string, token: string, pin: string, operation?: Operation): Promise<SubmitProofResult>;
  /** Two answers, in any order. */
  submitAnswers(
    resetId: string,
    token: string,
    answers: readonly SecurityAnswer[],
    operation?: Operation,
  ): Promise<SubmitProofResult>;
  resend(resetId: string, token: string, operation?: Operation): Promise<ResendResult>;
  commitPassword(
    resetId: string,
    token: string,
    stagedId: string,
    operation?: Operation,
  ): Promise<ChooseResetResult>;
  /** The outcome of the commit that this operation requested earlier; null if the run has none. */
  findCommit(resetId: string, token: string, operation: Operation): Promise<ChooseResetResult | null>;
  showUsername(resetId: string, token: string, operation?: Operation): Promise<ChooseResetResult>;
  cancel(resetId: string, token: string): Promise<void>;
}

/** How the helpdesk helps a person whose recovery budget is used up. */
export interface RecoveryAllowances {
  /** From `atMs` on, earlier uses by the account's person do not count; false: no such account. A repetition changes nothing. */
  allow(accountId: string, atMs: number): Promise<boolean>;
}

export interface RecordPinInput {
  readonly resetId: string;
  readonly subjectKey: string;
  readonly sequence: number;
  readonly atMs: number;
  /** Maximum number of PINs in the 24 hours up to `atMs`. */
  readonly pinsPerDay: number;
}

/** The uses of the reset budget (spec.md 4). */
export interface ResetUsageStore {
  /** Uses in the 30 days up to `nowMs`, and the failures since the last success. */
  load(subjectKey: string, nowMs: number): Promise<ResetUsage>;
  /**
   * Counts the PIN unless the day's are used up; returns whether it is counted. Parallel calls cannot exceed the limit; the same
   * PIN counts once.
   */
  recordPin(input: RecordPinInput): Promise<boolean>;
  /**
   * Before a guess is compared: how many earlier guesses of this person are being compared at that moment. Each of parallel calls sees
   * those before it. A guess that is never ended counts as being compared for ten minutes.
   */
  beginGuess(guess: RecordWrongGuessInput): Promise<number>;
  /** The outcome is known, and recorded if the guess was wrong. */
  endGuess(guess: Pick<RecordWrongGuessInput, 'resetId' | 'guessId'>): Promise<void>;
  /** Counts the guess; the same guess counts once. */
  recordWrongGuess(input: RecordWrongGuessInput): Promise<void>;
  /** What one reset used. `token`: the digest of the calling page's token. */
  ofReset(resetId: string, token: string): Promise<ResetRecord>;
  /** A page gave up a reset that had succeeded elsewhere. Idempotent. */
  recordLeaving(input: {
    readonly resetId: string;
    readonly subjectKey: string;
    readonly token: string;
    readonly atMs: number;
  }): Promise<void>;
  /** Ends the series of consecutive failures; the same success counts once. */
  recordSuccess(input: {
    readonly resetId: string;
    readonly subjectKey: string;
    readonly atMs: number;
  }): Promise<void>;
}

/** Which resets still stand. */
export interface StandingResets {
  /** Whether the account is open, and neither its person's identity nor its password has changed since the reset was opened. */
  stands(resetId: string): Promise<boolean>;
  /** The reset's account, while it stands; null for unknown people. */
  accountOf(resetId: string): Promise<string | null>;
}
