/** Two-step verification: runs that ask for a code, and what they were opened for. */
import type { CountSignInCodeInput } from '../contracts/sign-in';
import type { Application } from '../domain/portal';
import type { SignInPurpose, SignInView } from '../domain/sign-in/sign-in';
import type { Operation } from './operation';

interface ForAccount {
  readonly accountId: string;
}

/** After the right password, which is `credentialId`; or in a session, to turn two-step on. */
export type SignInSubject = ForAccount &
  (
    | { readonly purpose: 'sign-in'; readonly credentialId: string; readonly application: Application }
    | { readonly purpose: 'turn-on'; readonly sessionDigest: string }
  );

/**
 * What a sign-in was opened for. It stands while the account is open, with the identity and the password of then; one for signing in, while
 * two-step is on.
 */
export interface SignInRecord {
  readonly signInId: string;
  readonly purpose: SignInPurpose;
  readonly accountId: string;
  readonly credentialId: string;
  /** Null: it turns two-step on. */
  readonly application: Application | null;
  /** The account's address, masked. */
  readonly sentTo: string;
  /** The pepper and the number of digits of its codes. */
  readonly pepperId: string;
  readonly codeDigits: number;
  readonly stands: boolean;
}

export interface SignInRecords {
  /** Called before its run begins; nothing if the account is closed or has another password by now. Idempotent by id. */
  open(
    signIn: SignInSubject &
      Pick<SignInRecord, 'signInId' | 'pepperId' | 'codeDigits'> & { readonly atMs: number },
  ): Promise<void>;
  find(signInId: string): Promise<SignInRecord | null>;
  /** The newest one that was opened in the session. */
  findOfSession(sessionDigest: string): Promise<SignInRecord | null>;
  /** Counts a code unless the hour's are used up; whether it is counted. Parallel calls cannot exceed the limit; a code counts once. */
  countCode(code: CountSignInCodeInput): Promise<boolean>;
  /** For a first code whose run could not be started. */
  uncountCode(signInId: string): Promise<void>;
  /** From when on another code may be counted. */
  freeAgainAtMs(accountId: string, codesPerHour: number, nowMs: number): Promise<number>;
}

/** An open sign-in, as its page may see it. */
export interface SignInForHolder {
  readonly signInId: string;
  readonly sentTo: string;
  readonly view: SignInView;
}

/** `over`: it has ended, its time has, or it no longer stands. */
type Closed = { readonly kind: 'exhausted'; readonly retryAfterMs: number } | { readonly kind: 'over' };

export type LookedSignIn = { readonly kind: 'open'; readonly signIn: SignInForHolder } | Closed;

export type SubmitCodeAnswer =
  { readonly kind: 'accepted' } | { readonly kind: 'wrong'; readonly triesLeft: number } | Closed;

export type ResendCodeAnswer =
  | LookedSignIn
  | { readonly kind: 'too-soon'; readonly retryAfterMs: number; readonly signIn: SignInForHolder };

/**
 * Starts and drives `signIn` runs. A call repeated by the same operation is carried out once and gets the first answer, even if the run has
 * ended. Throws `UnavailableError`.
 */
export interface SignIns {
  /** Emails the first code. */
  open(subject: SignInSubject, operation: Operation): Promise<LookedSignIn>;
  look(signIn: SignInRecord): Promise<LookedSignIn>;
  submitCode(signIn: SignInRecord, code: string, operation: Operation): Promise<SubmitCodeAnswer>;
  /** Emails another code, if it is time. */
  resend(signIn: SignInRecord, operation: Operation): Promise<ResendCodeAnswer>;
}

/** Who does it: the owner, from an address, or the helpdesk, with a key or a command. */
export interface TwoStepTurnedOff extends ForAccount {
  readonly atMs: number;
  readonly address?: string | undefined;
  readonly apiKeyId?: string | undefined;
  readonly operator?: string | undefined;
  readonly reason?: string | undefined;
}

/** Both in one statement with the audit event; the database notes the change, and a worker tells the owner by email. */
export interface TwoStepSwitch {
  /** After an accepted code; false if the sign-in no longer stands. The same sign-in turns it on once. */
  turnOn(change: {
    readonly signInId: string;
    readonly atMs: number;
    readonly address: string;
  }): Promise<boolean>;
  /** False if there is no such account. Audited even if it was off. */
  turnOff(change: TwoStepTurnedOff): Promise<boolean>;
}
