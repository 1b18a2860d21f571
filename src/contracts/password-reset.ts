/**
 * What crosses the boundary of the `passwordReset` workflow. Opaque ids, keyed digests and fixed identifiers, no personal data.
 */
import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type {
  ChoiceAnswer,
  BudgetLeft,
  ProofAnswer,
  ResendAnswer,
  ResetEnding,
  ResetState,
  ResetTerms,
  ResetView,
} from '../domain/password-reset/password-reset';
import type { Portal, ResetLimits } from '../domain/portal';
import type { ResetUsage } from '../domain/password-reset/reset-budget';
import type { MailOutcome } from './notice';
import type { OfRevision } from './run-revision';

export const PASSWORD_RESET_WORKFLOW = 'passwordReset';

export interface PasswordResetInput extends OfRevision {
  readonly resetId: string;
  readonly portal: Portal;
  /** Keyed digest of what identifies the person. */
  readonly subjectKey: string;
  /** Absent for an unknown person: the run is the same, but sends no email. */
  readonly accountId?: string | undefined;
  readonly terms: ResetTerms;
  readonly limits: ResetLimits;
  readonly budget: BudgetLeft;
  readonly openedAtMs: number;
  /** Digest of the token that opened it. */
  readonly openedBy: string;
  /** Digest of each PIN that may be generated, in order; or the single digest of both answers. */
  readonly expectedDigests: readonly string[];
  /** The pepper that produced subject key, PINs and digests. */
  readonly pepperId: string;
}

export interface PasswordResetResult {
  readonly ending: ResetEnding;
}

/** The caller: the digest of a flow token. */
export interface TokenInput {
  readonly token: string;
}

/** With what the database had just reported as left of the person's budget. Absent from an API of an earlier build. */
export interface BudgetedInput extends TokenInput {
  readonly budget?: BudgetLeft | undefined;
}

export interface SubmitProofInput extends BudgetedInput {
  readonly digest: string;
}

/** The reset as the holder of one token may see it. */
export interface SeenReset {
  readonly view: ResetView;
  /** Returned to the API only, and only for the token that proved identity. */
  readonly accountId?: string | undefined;
}

export interface SubmitProofResult extends SeenReset {
  readonly answer: ProofAnswer;
  /** The reset's account, for the audit log; the API never shows it. */
  readonly about?: string | undefined;
}

export interface ResendPinResult extends SeenReset {
  readonly answer: ResendAnswer;
}

export interface CommitPasswordInput extends TokenInput {
  readonly stagedId: string;
}

/** `lost`: the staged password is gone (it is kept for an hour) and must be chosen again. */
export interface ChooseResult extends SeenReset {
  readonly answer: Exclude<ChoiceAnswer, 'may-choose'> | 'done' | 'lost';
}

export interface ResetStatus extends SeenReset {
  readonly resetId: string;
  readonly runId: string;
  readonly pepperId: string;
  /** From its terms: the number of digits of its PINs. */
  readonly pinDigits?: number | undefined;
  /** Whether the run still accepts messages. */
  readonly open: boolean;
  /** Whether the run, though over, goes on until the email about the new password has ended. */
  readonly notifying?: boolean | undefined;
  /** The actual state, if the page must not learn that the reset succeeded. For the API only. */
  readonly succeeded?: ResetState | undefined;
}

export const submitProofUpdate = defineUpdate<SubmitProofResult, [SubmitProofInput]>('submitProof');
export const resendPinUpdate = defineUpdate<ResendPinResult, [BudgetedInput]>('resendPin');
export const commitPasswordUpdate = defineUpdate<ChooseResult, [CommitPasswordInput]>('commitPassword');
export const showUsernameUpdate = defineUpdate<ChooseResult, [TokenInput]>('showUsername');
export const cancelResetUpdate = defineUpdate<void, [TokenInput]>('cancelReset');
export const resetStatusQuery = defineQuery<ResetStatus, [TokenInput]>('resetStatus');

/** Steps of the workflow outside Temporal. Each is idempotent. */
export interface PasswordResetActivities {
  /** Counts the PIN against the person's budget, then emails it. Retried until the PIN expires. */
  sendPin(input: SendPinInput): Promise<SendPinResult>;
  loadResetUsage(input: { readonly subjectKey: string; readonly nowMs: number }): Promise<ResetUsage>;
  recordWrongGuess(input: RecordWrongGuessInput): Promise<void>;
  commitPassword(input: CommitStagedPasswordInput): Promise<{ readonly committed: boolean }>;
  recordUsernameShown(input: {
    readonly resetId: string;
    readonly accountId: string;
    readonly subjectKey: string;
    readonly atMs: number;
  }): Promise<void>;
}

export interface SendPinInput {
  readonly resetId: string;
  readonly portal: Portal;
  readonly subjectKey: string;
  readonly accountId?: string | undefined;
  readonly pepperId: string;
  readonly sequence: number;
  readonly madeAtMs: number;
  readonly expiresAtMs: number;
  readonly pinsPerDay: number;
  /** Absent: the portal policy's number. */
  readonly digits?: number | undefined;
  /** Absent: the run is of a build whose API sends no budget with a guess, and takes it from the result. */
  readonly needsNoUsage?: true | undefined;
}

export interface SendPinResult {
  readonly outcome: MailOutcome | 'no-recipient' | 'over-budget';
  readonly usage?: ResetUsage | undefined;
}

export interface RecordWrongGuessInput {
  readonly resetId: string;
  readonly subjectKey: string;
  /** The update that carried it: the guess counts once, even if the update is handled again. */
  readonly guessId: string;
  readonly atMs: number;
}

export interface CommitStagedPasswordInput {
  readonly resetId: string;
  readonly stagedId: string;
  readonly accountId: string;
  readonly subjectKey: string;
  readonly atMs: number;
  /** The run sends the notice of the change. Absent in runs of earlier builds: the step starts a run for it. */
  readonly noticeByRun?: true | undefined;
}
