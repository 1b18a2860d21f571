/** Signing in, and staying signed in. */
import type { TryAllowance, TryAnswer } from '../domain/accounts/password-tries';
import type { Application } from '../domain/portal';
import type { Account } from './accounts';

export interface PasswordReplacement {
  readonly accountId: string;
  readonly credentialId: string;
  /** The credential that was checked; `replace` returns false if another has replaced it meanwhile. */
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
  /** The credential that was checked: the session is valid only while it is the current one. */
  readonly credentialId: string;
  readonly application: Application;
  /** The rate-limit key of the address it was opened from. */
  readonly addressKey: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** When it ends without use; null: it does not. */
  readonly idleExpiresAtMs: number | null;
  /** Whose code was accepted; absent: none was asked for. */
  readonly signInId?: string | undefined;
}

export interface FoundSession extends Pick<
  NewSession,
  'application' | 'createdAtMs' | 'expiresAtMs' | 'idleExpiresAtMs'
> {
  readonly account: Account;
  /** Null in sessions of an early build. */
  readonly addressKey: string | null;
  /** Of the current password. */
  readonly passwordSetAtMs: number;
  /** The accepted version of the terms. */
  readonly termsVersion: string | null;
  readonly twoStep: boolean;
}

export interface SessionStore {
  /** False if the account is closed, or the sign-in no longer stands. A token begins one session. */
  create(tokenDigest: string, session: NewSession): Promise<boolean>;
  /** The session and its account; null if it was revoked or has expired by `nowMs`. */
  find(tokenDigest: string, nowMs: number): Promise<FoundSession | null>;
  /** Moves on when it ends without use. Of parallel calls that found the same time, one writes; an ended session stays ended. */
  renew(
    tokenDigest: string,
    renewal: { readonly foundMs: number | null; readonly idleExpiresAtMs: number | null },
  ): Promise<void>;
  revoke(tokenDigest: string, nowMs: number): Promise<void>;
  /** Every session of the account. */
  revokeAll(accountId: string, nowMs: number): Promise<void>;
  /** The account's latest `atMost` sessions that are still on record, newest first. */
  latest(accountId: string, atMost: number, nowMs: number): Promise<SignIn[]>;
}

/** A session as its owner looks back at it. */
export interface SignIn extends Pick<FoundSession, 'application' | 'addressKey'> {
  readonly tokenDigest: string;
  readonly atMs: number;
  readonly ended: boolean;
}

/** Consecutive wrong passwords for an account, or for a username that nobody has, over all addresses. */
export interface PasswordTries {
  /** Whether somebody signed in with this password from this address after `sinceMs`. */
  isKnownAddress(credentialId: string | null, addressKey: string, sinceMs: number): Promise<boolean>;
  /**
   * Counts a try for `who` before anything is compared, unless the allowance refuses it; parallel tries cannot exceed it. A
   * series whose last wrong password is older than `countsFromMs` starts again.
   */
  take(
    who: string,
    allowance: TryAllowance,
    time: { readonly countsFromMs: number; readonly nowMs: number },
  ): Promise<TryAnswer>;
  /** The password was right: ends the series. */
  endRow(who: string): Promise<void>;
}
