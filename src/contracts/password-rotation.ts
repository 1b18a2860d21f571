/**
 * What crosses the boundary of the `passwordRotation` workflow: one password in its last days. Opaque ids and fixed identifiers,
 * no personal data.
 */
import { defineSignal } from '@temporalio/workflow';
import type { CredentialStatus, RotationEnding } from '../domain/password-rotation/password-rotation';
import type { Portal } from '../domain/portal';
import type { ReminderSlot, RotationCalendar } from '../domain/password-rotation/rotation-calendar';
import type { MailOutcome } from './notice';
import type { OfRevision } from './run-revision';

export const PASSWORD_ROTATION_WORKFLOW = 'passwordRotation';

/** Computed by the caller that starts the run: a time zone's calendar may change with Node, and must not on replay. */
export interface PasswordRotationInput extends RotationCalendar, OfRevision {
  readonly portal: Portal;
  readonly accountId: string;
  readonly credentialId: string;
}

export interface PasswordRotationResult {
  readonly ending: RotationEnding;
  /** How many of the reminders the mail server accepted. */
  readonly reminders: number;
}

/** Another password has replaced this one. A signal, not an update: nobody waits for the run. */
export const passwordChangedSignal = defineSignal('passwordChanged');

/** Steps of the workflow outside Temporal. Each is idempotent. */
export interface PasswordRotationActivities {
  /** Emails the reminder if it still applies. Waits for the portal's hours; retried until `untilMs`. */
  sendReminder(input: SendReminderInput): Promise<SendReminderResult>;
  credentialStanding(input: CredentialInput): Promise<CredentialStatus | EndMoved>;
}

/** The password and its end as the run knows it. Runs started by an earlier build have only the first part. */
export interface CredentialInput extends Partial<Pick<RotationCalendar, 'expiresAtMs' | 'terms'>> {
  readonly credentialId: string;
  readonly portal?: Portal;
}

export interface SendReminderInput
  extends Pick<ReminderSlot, 'daysBefore' | 'untilMs'>, Pick<RotationCalendar, 'expiresAtMs' | 'terms'> {
  readonly portal: Portal;
  readonly accountId: string;
  readonly credentialId: string;
  /** Whether the end has moved since the run began: such a reminder is a different email from the one for the original end. */
  readonly moved?: boolean;
}

/** The policy now gives the password another end, or (null) none. */
export interface EndMoved {
  readonly outcome: 'end-moved';
  readonly calendar: RotationCalendar | null;
}

export type SendReminderResult =
  { readonly outcome: MailOutcome | Exclude<CredentialStatus, 'current'> } | EndMoved;
