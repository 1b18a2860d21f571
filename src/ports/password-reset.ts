/** Resets of forgotten passwords: their runs, what they were opened for, and what was used of the budget. */
import type { Operation } from './operation';
import type { ChooseResult, RecordWrongGuessInput } from '../contracts/password-reset';
import type { SecurityAnswer } from '../domain/accounts/security-answers';
import type {
  ProofAnswer,
  ResendAnswer,
  ResetRecord,
  ResetView,
} from '../domain/password-reset/password-reset';
import type { ResetUsage } from '../domain/password-reset/reset-budget';
import type { Portal } from '../domain/portal';

export interface PasswordStaging {
  /** Keeps a hash until its reset commits it; `stagedId` is made by the caller. */
  stage(staged: {
    readonly stagedId: string;
    readonly resetId: string;
    readonly hash: string;
  }): Promise<void>;
}

/** What each reset was opened for: an account as it was then, or nobody we know. It stands while nothing of that has changed. */
export interface ResetRecords {
  /** Before its run begins. Idempotent by id. */
  open(reset: {
    readonly resetId: string;
    readonly accountId: string | null;
    readonly atMs: number;
  }): Promise<void>;
  /** Whose reset it is; null once it no longer stands, and for somebody we do not know. */
  holder(resetId: string): Promise<{ readonly accountId: string; readonly username: string } | null>;
  /** Whether it was opened for this account and stands; for null, whether it was opened for somebody we do not know. */
  isFor(resetId: string, accountId: string | null): Promise<boolean>;
  /** Counts one more chosen password that is compared with earlier ones; false after `atMost`, however many ask at once. */
  takeChoice(resetId: string, atMost: number): Promise<boolean>;
}

/** A page's hold on a reset, as `openToken` gives it back. */
export interface OpenedReset extends ResetForHolder {
  readonly token: string;
}

/** A token's reset as its holder may see it. `accountId` and `username` only for the token that proved identity, while the reset stands. */
export interface ResetForHolder {
  readonly resetId: string;
  readonly portal: Portal;
  /** Members: the typed address, masked. */
  readonly sentTo?: string | undefined;
  /** Brokers: the ids of the two questions. */
  readonly questionIds?: readonly string[] | undefined;
  /** Members: how many digits its PINs have; the policy's of now where nothing is told. */
  readonly pinDigits?: number | undefined;
  readonly view: ResetView;
  readonly accountId?: string;
  readonly username?: string;
}

/** `accountId`: whose it is, where that is known; for the audit log, and for nobody outside. */
export type OpenResetResult = { readonly accountId?: string | undefined } & (
  | { readonly kind: 'opened'; readonly reset: OpenedReset }
  | { readonly kind: 'exhausted'; readonly retryAfterMs: number | null }
);

interface WentOn {
  readonly reset: ResetForHolder;
}

/** What the API is told with an answer of the run. `retryAfterMs`: null when only the helpdesk can help. */
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
  /** Whose reset it is, for the audit log alone: it is known whether or not the proof was right. */
  readonly accountId?: string | undefined;
};
export type ResendResult = AnswerOf<ResendAnswer['kind']>;
export type ChooseResetResult = AnswerOf<ChooseResult['answer']>;

/**
 * Starts and drives `passwordReset` runs. What is asked for again by the same operation is done once, and answered as the first
 * time, also when the run is over by then; without one each call is its own. Throws `UnavailableError`, and `ResetRefusedError`: `unauthorized` for a wrong or foreign
 * token, and `wrong_proof` before anything is counted, for a PIN call (`submitPin`, `resend`, `showUsername`) on
 * a broker's reset and for answers on a member's.
 */
export interface PasswordResets {
  openForMember(email: string, operation?: Operation): Promise<OpenResetResult>;
  openForBroker(
    person: { readonly username: string; readonly firstName: string; readonly lastName: string },
    operation?: Operation,
  ): Promise<OpenResetResult>;
  /** What the token itself tells, without asking the run. */
  readToken(resetId: string, token: string): Pick<ResetForHolder, 'portal' | 'questionIds' | 'pinDigits'>;
  look(resetId: string, token: string): Promise<ResetForHolder>;
  submitPin(resetId: string, token: string, pin: string, operation?: Operation): Promise<SubmitProofResult>;
  /** Two answers, in whatever order. */
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
  /** How the commit that this operation asked for earlier ended; null when the run has none of it. */
  findCommit(resetId: string, token: string, operation: Operation): Promise<ChooseResetResult | null>;
  showUsername(resetId: string, token: string, operation?: Operation): Promise<ChooseResetResult>;
  cancel(resetId: string, token: string): Promise<void>;
}

/** The helpdesk's help for somebody whose recovery budget is used up. */
export interface RecoveryAllowances {
  /** From `atMs` on nothing counts that the account's person used before; false: no such account. Twice forgives nothing more. */
  allow(accountId: string, atMs: number): Promise<boolean>;
}

export interface RecordPinInput {
  readonly resetId: string;
  readonly subjectKey: string;
  readonly sequence: number;
  readonly atMs: number;
  /** At most so many PINs in the 24 hours up to `atMs`. */
  readonly pinsPerDay: number;
}

/** The uses of the reset budget (spec.md 4). */
export interface ResetUsageStore {
  /** Uses of the 30 days up to `nowMs`, and the failures since the last success. */
  load(subjectKey: string, nowMs: number): Promise<ResetUsage>;
  /** Counts the PIN unless the day's are used up; says whether it is counted. Parallel calls cannot exceed the limit; the same PIN twice counts once. */
  recordPin(input: RecordPinInput): Promise<boolean>;
  /** Counts the guess; the same one twice counts once. */
  recordWrongGuess(input: RecordWrongGuessInput): Promise<void>;
  /** What one reset used. `token`: the digest of the page's that asks. */
  ofReset(resetId: string, token: string): Promise<ResetRecord>;
  /** A page gave up a reset that had succeeded elsewhere; twice is once. */
  recordLeaving(input: {
    readonly resetId: string;
    readonly subjectKey: string;
    readonly token: string;
    readonly atMs: number;
  }): Promise<void>;
  /** Ends the row of consecutive failures; the same success twice counts once. */
  recordSuccess(input: {
    readonly resetId: string;
    readonly subjectKey: string;
    readonly atMs: number;
  }): Promise<void>;
}

/** Which resets still stand for what they were opened for. */
export interface StandingResets {
  /** Whether the account is open, and neither who its person is nor its password has changed since the reset was opened. */
  stands(resetId: string): Promise<boolean>;
  /** Whose reset it is, while it stands; null for people we do not know. */
  accountOf(resetId: string): Promise<string | null>;
}
