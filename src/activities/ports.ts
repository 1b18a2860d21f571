/** What the activities need from the outside. Adapters implement these; tests may too. */
import type { AuditEvent } from '../contracts/audit';
import type { MailKind, MailOutcome, DeliverNoticeInput } from '../contracts/notice';
import type { CommitStagedPasswordInput, RecordWrongGuessInput } from '../contracts/password-reset';
import type { PasswordRotationInput } from '../contracts/password-rotation';
import type { CredentialStanding } from '../domain/password-rotation';
import type { Language, Portal } from '../domain/portal';
import type { ResetUsage } from '../domain/reset-budget';

/** Whom an email goes to. Personal data: it never leaves the activity. */
export interface Recipient {
  /** Absent for somebody who is only invited. */
  readonly accountId?: string | undefined;
  readonly portal: Portal;
  readonly email: string;
  readonly firstName: string;
  readonly username: string;
  readonly language: Language;
}

export interface RecipientDirectory {
  /** The account's recipient, or null when there is no such account. */
  findRecipient(accountId: string): Promise<Recipient | null>;
}

export interface RecordPinInput {
  readonly resetId: string;
  readonly subjectKey: string;
  readonly sequence: number;
  readonly atMs: number;
  /** At most so many PINs in the 24 hours up to `atMs`. */
  readonly pinsPerDay: number;
}

/** The uses of the reset budget (architecture.md, decision 7). */
export interface ResetUsageStore {
  /** Uses of the 30 days up to `nowMs`, and the failures since the last success. */
  load(subjectKey: string, nowMs: number): Promise<ResetUsage>;
  /** Counts the PIN unless the day's are used up; says whether it is counted. Parallel calls cannot exceed the limit; the same PIN twice counts once. */
  recordPin(input: RecordPinInput): Promise<boolean>;
  /** Counts the guess; the same one twice counts once. */
  recordWrongGuess(input: RecordWrongGuessInput): Promise<void>;
  /** Ends the row of consecutive failures; the same success twice counts once. */
  recordSuccess(input: {
    readonly resetId: string;
    readonly subjectKey: string;
    readonly atMs: number;
  }): Promise<void>;
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
   * Writes down that their runs are there; gives those of them whose password was changed before that, which nobody told the run.
   * Idempotent: what is written down stays.
   */
  markStarted(credentialIds: readonly string[], atMs: number): Promise<readonly DueCredential[]>;
  standing(credentialId: string): Promise<CredentialStanding>;
  /** Writes down and audits that the owner was reminded; once by credential and days before. */
  recordReminder(reminder: {
    readonly credentialId: string;
    readonly accountId: string;
    readonly daysBefore: number;
    readonly atMs: number;
  }): Promise<void>;
}

export interface RotationRuns {
  /** Starts the run; false when there is, or was, one of this credential. */
  start(rotation: PasswordRotationInput): Promise<boolean>;
  /** Tells the run that its password was changed; nothing happens when it is over. */
  passwordChanged(credential: { readonly accountId: string; readonly credentialId: string }): Promise<void>;
}

export interface CredentialStore {
  /**
   * In one transaction: the staged password becomes the account's credential, the old one history; sessions end; the staged row
   * goes; success and audit event are written. The credential's id is `stagedId`. Idempotent by it. False when the staged
   * password is gone and was never committed.
   */
  commitStaged(input: CommitStagedPasswordInput): Promise<boolean>;
}

export interface AuditLog {
  /** Appends an event; one with a `key` that is there already is left as it is. */
  record(event: AuditEvent): Promise<void>;
}

export interface InvitationForMail {
  readonly recipient: Recipient;
  readonly pepperId: string;
  readonly expiresAtMs: number;
  /** Neither used nor replaced. */
  readonly open: boolean;
}

export interface InvitationSource {
  /** Null when there is none of this id. The recipient has the broker portal's first language, and no account. */
  findForMail(invitationId: string): Promise<InvitationForMail | null>;
}

export interface InvitationCodes {
  /** The access code of an invitation, as it is compared. */
  invitationCode(pepperId: string, invitationId: string): string;
}

export interface LedgerEntry {
  readonly messageId: string;
  readonly kind: MailKind;
  readonly accountId?: string | undefined;
  /** Id of what the message is about: a reset, a credential, an invitation. */
  readonly reference: string;
  readonly validUntilMs: number;
}

/** The send ledger: one row an email, whatever became of it. */
export interface MailLedger {
  /** Opens the entry when it is new, counts one more attempt, and tells how it was settled before, if it was. */
  begin(entry: LedgerEntry): Promise<MailOutcome | null>;
  settle(messageId: string, outcome: MailOutcome, smtpCode?: number): Promise<void>;
}

export interface Email {
  readonly messageId: string;
  readonly to: string;
  readonly language: Language;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** `refused` is for good (SMTP 5xx); anything that may pass is thrown. */
export type SendResult =
  { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly smtpCode: number };

export interface Mailer {
  send(email: Email): Promise<SendResult>;
}

export interface PinEmailContent {
  readonly recipient: Recipient;
  readonly pin: string;
  readonly expiresAtMs: number;
  readonly nowMs: number;
}

export interface PasswordChangedContent {
  readonly recipient: Recipient;
  readonly changedAtMs: number;
}

export interface UsernameRemindedContent {
  readonly recipient: Recipient;
  readonly remindedAtMs: number;
}

export interface InvitationContent {
  readonly recipient: Recipient;
  /** As it is printed. */
  readonly code: string;
  readonly expiresAtMs: number;
}

export interface PasswordReminderContent {
  readonly recipient: Recipient;
  readonly expiresAtMs: number;
  readonly nowMs: number;
}

/** Subject and bodies of each kind of email, in the recipient's language. */
export interface EmailTemplates {
  pin(content: PinEmailContent): Pick<Email, 'subject' | 'text' | 'html'>;
  passwordChanged(content: PasswordChangedContent): Pick<Email, 'subject' | 'text' | 'html'>;
  usernameReminded(content: UsernameRemindedContent): Pick<Email, 'subject' | 'text' | 'html'>;
  invitation(content: InvitationContent): Pick<Email, 'subject' | 'text' | 'html'>;
  passwordReminder(content: PasswordReminderContent): Pick<Email, 'subject' | 'text' | 'html'>;
}

export interface PinSource {
  /** The PIN that this pepper gives this reset, with its leading zeros. */
  pin(pepperId: string, resetId: string, sequence: number, digits: number): string;
}

export interface NoticeStarter {
  /** Starts the run that carries the message; one that is there already is left alone. */
  start(notice: DeliverNoticeInput): Promise<void>;
}
