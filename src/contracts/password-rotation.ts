/** What crosses the boundary of the `passwordRotation` workflow: one password in its last days. Opaque ids and fixed identifiers, no personal data. */
import { defineSignal } from '@temporalio/workflow';
import type { CredentialStatus, RotationEnding } from '../domain/password-rotation/password-rotation';
import type { Portal } from '../domain/portal';
import type { ReminderSlot, RotationCalendar } from '../domain/password-rotation/rotation-calendar';
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
  credentialStanding(input: CredentialInput): Promise<CredentialStatus | EndMoved>;
}

/** Which password, and when it ends, as the run knows it. Of runs that were begun by an earlier build only the first part is there. */
export interface CredentialInput extends Partial<Pick<RotationCalendar, 'expiresAtMs' | 'terms'>> {
  readonly credentialId: string;
  readonly portal?: Portal;
}

export interface SendReminderInput
  extends Pick<ReminderSlot, 'daysBefore' | 'untilMs'>, Pick<RotationCalendar, 'expiresAtMs' | 'terms'> {
  readonly portal: Portal;
  readonly accountId: string;
  readonly credentialId: string;
  /** Whether the end is another one than when the run was begun: such a reminder is another email than the one before the first end. */
  readonly moved?: boolean;
}

/** The policy gives the password another end by now, or (null) none. */
export interface EndMoved {
  readonly outcome: 'end-moved';
  readonly calendar: RotationCalendar | null;
}

export type SendReminderResult =
  { readonly outcome: MailOutcome | Exclude<CredentialStatus, 'current'> } | EndMoved;
