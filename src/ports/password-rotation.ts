/** Passwords in their last days. */
import type { RotationState } from '../domain/password-rotation/password-rotation';
import type { PasswordRotationInput } from '../contracts/password-rotation';
import type { CredentialStatus } from '../domain/password-rotation/password-rotation';
import type { Portal, PortalPolicies } from '../domain/portal';

export interface ListedRotation {
  readonly credentialId: string;
  readonly accountId: string;
  readonly username: string;
  readonly portal: Portal;
  readonly state: RotationState;
  readonly setAtMs: number;
  readonly expiresAtMs: number;
  readonly remindedAtMs: number | null;
}

export interface RotationList {
  /** Current passwords of open accounts in their last days or past their end, in the order of (`expiresAtMs`, `credentialId`). */
  list(query: {
    readonly policies: PortalPolicies;
    readonly state?: RotationState | undefined;
    /** Those behind this place of the order. */
    readonly after?: { readonly atMs: number; readonly id: string } | undefined;
    readonly nowMs: number;
    readonly limit: number;
  }): Promise<readonly ListedRotation[]>;
}

export interface DueCredential {
  readonly credentialId: string;
  readonly accountId: string;
  readonly setAtMs: number;
}

/** The passwords in their last days. */
export interface Rotations {
  /** Current credentials of the portal that were set after `setAfterMs`, until `setUntilMs`, and have no run yet; the oldest first. */
  findDue(query: {
    readonly portal: Portal;
    readonly setAfterMs: number;
    readonly setUntilMs: number;
    readonly limit: number;
  }): Promise<readonly DueCredential[]>;
  /**
   * Marks runs as started; returns the credentials that changed in the meantime.
   * Idempotent: what is written down stays.
   */
  markStarted(credentialIds: readonly string[], atMs: number): Promise<readonly DueCredential[]>;
  status(credentialId: string): Promise<CredentialStatus>;
  /** Writes down and audits that the owner was reminded; once by credential and reminder. */
  recordReminder(reminder: {
    readonly credentialId: string;
    readonly accountId: string;
    /** Which one of the credential's. */
    readonly reminder: string;
    readonly atMs: number;
  }): Promise<void>;
}

export interface RotationRuns {
  /** Starts the run; false when there is, or was, one of this credential. */
  start(rotation: PasswordRotationInput): Promise<boolean>;
  /** Tells the run that its password was changed; nothing happens when it is over. */
  passwordChanged(credential: { readonly accountId: string; readonly credentialId: string }): Promise<void>;
}
