/** What crosses the boundary of the `passwordRotation` workflow: one password in its last days. Opaque ids and small words only. */
import { defineSignal } from '@temporalio/workflow';
import type { CredentialStanding, RotationEnding } from '../domain/password-rotation';
import type { Portal } from '../domain/portal';
import type { ReminderSlot, RotationCalendar } from '../domain/rotation-calendar';
import type { MailOutcome } from './notice';
import type { OfRevision } from './run-revision';

export const PASSWORD_ROTATION_WORKFLOW = 'passwordRotation';

/** Worked out by whoever starts the run: what the calendar of a time zone says may change with Node, and must not on replay. */
export interface PasswordRotationInput extends RotationCalendar, OfRevision {
  readonly portal: Portal;
  readonly accountId: string;
  readonly credentialId: string;
}

export interface PasswordRotationResult {
  readonly ending: RotationEnding;
  /** How many of the reminders the mail server took. */
  readonly reminders: number;
}

/** Another password has taken this one's place. A signal, not an update: nobody waits for the run. */
export const passwordChangedSignal = defineSignal('passwordChanged');

/** Steps of the workflow outside Temporal. Each may be run twice. */
export interface PasswordRotationActivities {
  /** Emails the reminder, if there is still something to remind of. Waits for the portal's hours; retried until `untilMs`. */
  sendReminder(input: SendReminderInput): Promise<SendReminderResult>;
  credentialStanding(input: { readonly credentialId: string }): Promise<CredentialStanding>;
}

export interface SendReminderInput extends Pick<ReminderSlot, 'daysBefore' | 'untilMs'> {
  readonly portal: Portal;
  readonly accountId: string;
  readonly credentialId: string;
  readonly expiresAtMs: number;
}

export interface SendReminderResult {
  readonly outcome: MailOutcome | Exclude<CredentialStanding, 'current'>;
}
