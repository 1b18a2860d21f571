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
  /** Current passwords of open accounts in their last days or expired, ordered by (`expiresAtMs`, `credentialId`). */
  list(query: {
    readonly policies: PortalPolicies;
    readonly state?: RotationState | undefined;
    /** Only entries after this position. */
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
  /**
   * Current credentials of the portal that were set after `setAfterMs` and no later than `setUntilMs`, and have no
   * run yet; oldest first.
   */
  findDue(query: {
    readonly portal: Portal;
    readonly setAfterMs: number;
    readonly setUntilMs: number;
    readonly limit: number;
  }): Promise<readonly DueCredential[]>;
  /** Marks runs as started; returns the credentials that changed in the meantime. Idempotent: existing marks stay. */
  markStarted(credentialIds: readonly string[], atMs: number): Promise<readonly DueCredential[]>;
  status(credentialId: string): Promise<CredentialStatus>;
  /** Records and audits that the owner was reminded; once per credential and reminder. */
  recordReminder(reminder: {
    readonly credentialId: string;
    readonly accountId: string;
    /** Identifies the reminder among the credential's. */
    readonly reminder: string;
    readonly atMs: number;
  }): Promise<void>;
}

export interface RotationRuns {
  /** Starts the run; false if this credential has or had one. */
  start(rotation: PasswordRotationInput): Promise<boolean>;
  /** Tells the run that its password was changed; no effect if the run has ended. */
  passwordChanged(credential: { readonly accountId: string; readonly credentialId: string }): Promise<void>;
}
