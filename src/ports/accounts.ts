/** Accounts and their passwords on record. */
import type { CommitStagedPasswordInput } from '../contracts/password-reset';
import type { Language, Portal } from '../domain/portal';
import type { Recipient } from './mail';

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
  /** By email address without regard to case and surrounding space; null when nobody has it, or several do (brokers may). */
  findIdByEmail(portal: Portal, email: string): Promise<string | null>;
  /** The `length` newest passwords, the current one first. */
  passwordHistory(accountId: string, length: number): Promise<readonly PastPassword[]>;
}

export interface ChangedPassword {
  readonly setAtMs: number;
  /** The credential it took the place of, when the last days of that one had begun and a `passwordRotation` runs for it. */
  readonly endsRotationOf: string | null;
}

export interface ChangedPasswords {
  /** Null when there is no credential of this id. */
  findChange(credentialId: string): Promise<ChangedPassword | null>;
}

export interface CredentialStore {
  /**
   * In one transaction: the staged password becomes the account's credential, the old one history; sessions end; the staged row
   * goes; success and audit event are written. The credential's id is `stagedId`. Idempotent by it. False when the staged
   * password is gone, or the reset no longer stands, and it was never committed.
   */
  commitStaged(input: CommitStagedPasswordInput): Promise<boolean>;
}

export interface RegisteredAccount {
  /** At the roster's address, whatever the account's is. */
  readonly recipient: Recipient;
  readonly agentNumber: string;
  readonly registeredAtMs: number;
}

export interface ChangedAddress {
  readonly changeId: string;
  readonly accountId: string;
  readonly changedAtMs: number;
}

/** A change that its owner is to be told of by email. */
export type ToldChange =
  | {
      readonly kind: 'password-changed';
      readonly accountId: string;
      readonly credentialId: string;
      readonly atMs: number;
    }
  | { readonly kind: 'account-registered'; readonly accountId: string; readonly atMs: number }
  | {
      readonly kind: 'access-invitation';
      readonly invitationId: string;
      readonly atMs: number;
      readonly expiresAtMs: number;
    };

/** What is told to the address that was on record before. */
export interface AccountChanges {
  /** Null while there is no such account, and for one that is no agent's. */
  findRegistered(accountId: string): Promise<RegisteredAccount | null>;
  /** The recipient at the former address; null when there is no such change. */
  findAddressChange(
    changeId: string,
  ): Promise<{ readonly recipient: Recipient; readonly changedAtMs: number } | null>;
  /** Changes whose notice was not started yet, the oldest first. */
  unannounced(limit: number): Promise<readonly ChangedAddress[]>;
  markAnnounced(changeIds: readonly string[], atMs: number): Promise<void>;
  /** Changes after `afterMs` and before `beforeMs` that have no email in the ledger, the oldest first: its run never began, or gave up too early. */
  untold(query: {
    readonly afterMs: number;
    readonly beforeMs: number;
    readonly limit: number;
  }): Promise<readonly ToldChange[]>;
}
