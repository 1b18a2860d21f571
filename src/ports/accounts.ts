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

/** The account's current password hash and when it was set; null if none was ever chosen. */
export interface AccountWithCredential extends Account {
  /** The accepted version of the terms. */
  readonly termsVersion: string | null;
  /** Whether signing in takes an emailed code too. */
  readonly twoStep: boolean;
  readonly credential: { readonly id: string; readonly hash: string; readonly setAtMs: number } | null;
}

export interface TermsAcceptance {
  readonly accountId: string;
  readonly version: string;
  readonly atMs: number;
  readonly address: string;
}

export interface TermsAcceptances {
  /** In one statement with its audit event. Accepting the same version again changes nothing. */
  accept(acceptance: TermsAcceptance): Promise<void>;
}

export interface PastPassword {
  readonly credentialId: string;
  readonly hash: string;
  /** The reset that set it; null if it was changed with the previous password. */
  readonly resetId: string | null;
}

export interface AccountStore {
  findById(accountId: string): Promise<Account | null>;
  /** By username, case-insensitive. */
  findByUsername(portal: Portal, username: string): Promise<AccountWithCredential | null>;
  /** By email address, ignoring case and surrounding space; null if nobody has it, or several do (brokers may). */
  findIdByEmail(portal: Portal, email: string): Promise<string | null>;
  /** The `length` newest passwords, the current one first. */
  passwordHistory(accountId: string, length: number): Promise<readonly PastPassword[]>;
}

export interface ChangedPassword {
  readonly setAtMs: number;
  /** The credential it replaced, if that one was in its last days and has a `passwordRotation` run. */
  readonly endsRotationOf: string | null;
}

export interface ChangedPasswords {
  /** Null if there is no credential with this id. */
  findChange(credentialId: string): Promise<ChangedPassword | null>;
}

export interface CredentialStore {
  /**
   * In one transaction: the staged password becomes the account's credential and the old one history; sessions end; the staged
   * row is deleted; success and audit event are written. The credential's id is `stagedId`, by which the call is idempotent.
   * False if it was never committed, and the staged password is gone or the reset no longer stands.
   */
  commitStaged(input: CommitStagedPasswordInput): Promise<boolean>;
}

export interface RegisteredAccount {
  /** At the roster's address, even if the account's differs. */
  readonly recipient: Recipient;
  readonly agentNumber: string;
  readonly registeredAtMs: number;
}

/** A change that the database noted: the owner is told at the address of that moment. */
export interface NotedChange {
  readonly kind: 'address-changed' | 'two-step-changed';
  readonly changeId: string;
  readonly accountId: string;
  readonly changedAtMs: number;
}

/** A change that its owner must be told of by email. */
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

/** Facts for the emails to the address on record before a change. */
export interface AccountChanges {
  /** Null if there is no such account yet, or if it does not belong to an agent. */
  findRegistered(accountId: string): Promise<RegisteredAccount | null>;
  /** The recipient at the former address; null if there is no such change. */
  findAddressChange(
    changeId: string,
  ): Promise<{ readonly recipient: Recipient; readonly changedAtMs: number } | null>;
  /** The recipient at the address of that moment; null if there is no such change. */
  findTwoStepChange(
    changeId: string,
  ): Promise<{ readonly recipient: Recipient; readonly isOn: boolean; readonly changedAtMs: number } | null>;
  /** Changes whose notice was not started yet, oldest first. */
  unannounced(limit: number): Promise<readonly NotedChange[]>;
  markAnnounced(changeIds: readonly string[], atMs: number): Promise<void>;
  /**
   * Changes after `afterMs` and before `beforeMs` without an email in the ledger, oldest first: no run began, or it
   * gave up too early.
   */
  untold(query: {
    readonly afterMs: number;
    readonly beforeMs: number;
    readonly limit: number;
  }): Promise<readonly ToldChange[]>;
}
