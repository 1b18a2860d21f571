/**
 * What crosses the boundary of the `signIn` workflow. Opaque ids, keyed digests and fixed identifiers, no personal data.
 */
import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type {
  CodeAnswer,
  NextCodeAnswer,
  SignInEnding,
  SignInPurpose,
  SignInTerms,
  SignInView,
} from '../domain/sign-in/sign-in';
import type { MailOutcome } from './notice';
import type { OfRevision } from './run-revision';

export const SIGN_IN_WORKFLOW = 'signIn';

export interface SignInInput extends OfRevision {
  readonly signInId: string;
  readonly accountId: string;
  readonly purpose: SignInPurpose;
  readonly terms: SignInTerms;
  readonly openedAtMs: number;
  /** Digest of each code that may be made, in order. */
  readonly expectedDigests: readonly string[];
  /** The pepper that produced codes and digests. */
  readonly pepperId: string;
}

export interface SignInResult {
  readonly ending: SignInEnding;
}

interface SeenSignIn {
  readonly view: SignInView;
}

export interface SubmitCodeResult extends SeenSignIn {
  readonly answer: CodeAnswer;
}

export interface ResendCodeResult extends SeenSignIn {
  readonly answer: NextCodeAnswer;
}

export interface SignInStatus extends SeenSignIn {
  /** Absent while it is open. */
  readonly ending?: SignInEnding | undefined;
}

export const submitCodeUpdate = defineUpdate<SubmitCodeResult, [{ readonly digest: string }]>('submitCode');
export const resendCodeUpdate = defineUpdate<ResendCodeResult>('resendCode');
export const signInStatusQuery = defineQuery<SignInStatus>('signInStatus');

/** Steps of the workflow outside Temporal. Each is idempotent. */
export interface SignInActivities {
  /** Emails the code. Retried until the code expires. */
  sendSignInCode(input: SendSignInCodeInput): Promise<{ readonly outcome: MailOutcome | 'no-recipient' }>;
  /** Counts one more code, unless the hour's are used up. The API has counted the first. */
  countSignInCode(input: CountSignInCodeInput): Promise<{ readonly counted: boolean }>;
}

export interface SendSignInCodeInput {
  readonly signInId: string;
  readonly accountId: string;
  readonly purpose: SignInPurpose;
  readonly pepperId: string;
  readonly sequence: number;
  readonly digits: number;
  readonly madeAtMs: number;
  readonly expiresAtMs: number;
}

export interface CountSignInCodeInput {
  readonly signInId: string;
  readonly accountId: string;
  readonly sequence: number;
  readonly atMs: number;
  readonly codesPerHour: number;
}
