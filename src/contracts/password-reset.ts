/** What crosses the boundary of the `passwordReset` workflow. Opaque ids, keyed digests and fixed identifiers, no personal data. */
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
  /** Absent for somebody we do not know: the run is the same, only no email goes out. */
  readonly accountId?: string | undefined;
  readonly terms: ResetTerms;
  readonly limits: ResetLimits;
  readonly budget: BudgetLeft;
  readonly openedAtMs: number;
  /** Digest of the token that opened it. */
  readonly openedBy: string;
  /** Digest of each PIN that may be made, in their order; or the one of both answers. */
  readonly expectedDigests: readonly string[];
  /** Which pepper made subject key, PINs and digests. */
  readonly pepperId: string;
}

export interface PasswordResetResult {
  readonly ending: ResetEnding;
}

/** Who asks: the digest of a flow token. */
export interface TokenInput {
  readonly token: string;
}

/** With what the database said, just before, is left of the person's budget. Absent from an API of an earlier build. */
export interface BudgetedInput extends TokenInput {
  readonly budget?: BudgetLeft | undefined;
}

export interface SubmitProofInput extends BudgetedInput {
  readonly digest: string;
}

/** The reset as the holder of one token may see it. */
export interface SeenReset {
  readonly view: ResetView;
  /** Told to the API only, and only for the token that proved identity. */
  readonly accountId?: string | undefined;
}

export interface SubmitProofResult extends SeenReset {
  readonly answer: ProofAnswer;
  /** Whose reset it is, for the audit log: the API tells nobody. */
  readonly about?: string | undefined;
}

export interface ResendPinResult extends SeenReset {
  readonly answer: ResendAnswer;
}

export interface CommitPasswordInput extends TokenInput {
  readonly stagedId: string;
}

/** `lost`: the staged password is gone (it is kept for an hour); it has to be chosen again. */
export interface ChooseResult extends SeenReset {
  readonly answer: Exclude<ChoiceAnswer, 'may-choose'> | 'done' | 'lost';
}

export interface ResetStatus extends SeenReset {
  readonly resetId: string;
  readonly runId: string;
  readonly pepperId: string;
  /** Of its terms: how many digits its PINs have. */
  readonly pinDigits?: number | undefined;
  /** Whether the run still takes messages. */
  readonly open: boolean;
  /** What is behind the view of a page that may not know that the reset succeeded. For the API alone. */
  readonly succeeded?: ResetState | undefined;
}

export const submitProofUpdate = defineUpdate<SubmitProofResult, [SubmitProofInput]>('submitProof');
export const resendPinUpdate = defineUpdate<ResendPinResult, [BudgetedInput]>('resendPin');
export const commitPasswordUpdate = defineUpdate<ChooseResult, [CommitPasswordInput]>('commitPassword');
export const showUsernameUpdate = defineUpdate<ChooseResult, [TokenInput]>('showUsername');
export const cancelResetUpdate = defineUpdate<void, [TokenInput]>('cancelReset');
export const resetStatusQuery = defineQuery<ResetStatus, [TokenInput]>('resetStatus');

/** Steps of the workflow outside Temporal. Each may be run twice. */
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
  /** Absent: as the portal's policy has it. */
  readonly digits?: number | undefined;
}

export interface SendPinResult {
  readonly outcome: MailOutcome | 'no-recipient' | 'over-budget';
  readonly usage: ResetUsage;
}

export interface RecordWrongGuessInput {
  readonly resetId: string;
  readonly subjectKey: string;
  /** The update that it came with: however often that is handled, the guess counts once. */
  readonly guessId: string;
  readonly atMs: number;
}

export interface CommitStagedPasswordInput {
  readonly resetId: string;
  readonly stagedId: string;
  readonly accountId: string;
  readonly subjectKey: string;
  readonly atMs: number;
}
