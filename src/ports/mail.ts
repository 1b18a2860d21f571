/** Emails: their recipients, the ledger, the mail server, and the runs that deliver them. */
import type { DeliverNoticeInput, MailKind, MailOutcome } from '../contracts/notice';
import type { Language, Portal } from '../domain/portal';

/** Starts the run that delivers an email of the ledger. */
export interface NoticeAnnouncer {
  // Call each before the write it reports: the run waits for the write, and ends as outdated if it never happens.
  // `isRepeated`: an earlier run may have ended before the write. Another replaces it, and sends what was not sent.
  announcePasswordChanged(notice: {
    readonly accountId: string;
    readonly credentialId: string;
    readonly atMs: number;
    readonly isRepeated: boolean;
  }): Promise<void>;
  announceUsernameReminded(notice: {
    readonly accountId: string;
    readonly reminderId: string;
    readonly atMs: number;
  }): Promise<void>;
  announceRegistered(notice: {
    readonly accountId: string;
    readonly atMs: number;
    readonly isRepeated: boolean;
  }): Promise<void>;
  announceInvitation(notice: {
    readonly invitationId: string;
    readonly atMs: number;
    readonly expiresAtMs: number;
    readonly isRepeated: boolean;
  }): Promise<void>;
}

export interface NoticeStarter {
  /** Starts the run that delivers the message. An existing run is left unchanged. */
  start(notice: DeliverNoticeInput): Promise<void>;
}

export interface NoticeRestarter {
  /** Starts the run again if it has ended: a run that ended before its change was written has sent nothing. */
  restart(notice: DeliverNoticeInput): Promise<void>;
}

export interface NoticeResender extends NoticeRestarter {
  /** Starts another run, numbered in `notice.again`, for the request `resendId`; false if that run exists or existed. */
  startAgain(notice: DeliverNoticeInput, resendId: string): Promise<boolean>;
}

/** An email's recipient. Personal data: it never leaves the activity. */
export interface Addressee {
  readonly email: string;
  /** Empty for a firm. */
  readonly firstName: string;
  /** Null for somebody who never chose one: the first of the brand. */
  readonly language: Language | null;
}

/** Somebody a portal sends email to. */
export interface Recipient extends Addressee {
  readonly language: Language;
  /** Absent if the person is only invited. */
  readonly accountId?: string | undefined;
  readonly portal: Portal;
  readonly username: string;
}

export interface RecipientDirectory {
  /** The account's recipient; null if there is no such account. */
  findRecipient(accountId: string): Promise<Recipient | null>;
}

export interface LedgerEntry {
  readonly messageId: string;
  readonly kind: MailKind;
  readonly accountId?: string | undefined;
  /** Id of what the message is about: a reset, a credential, an invitation. */
  readonly reference: string;
  readonly validUntilMs: number;
  /** How often an operator has sent it again. A higher number reopens a settled entry once. */
  readonly again?: number | undefined;
}

/** The send ledger: one row per email, whatever its outcome. */
export interface MailLedger {
  /**
   * Opens the entry if it is new or being sent again for the first time, and counts one more attempt unless it is settled.
   * Returns its outcome, or null, and the number of the last attempt.
   */
  begin(entry: LedgerEntry): Promise<{ readonly settled: MailOutcome | null; readonly attempt: number }>;
  /** Whether this is still the last attempt, and the entry is not settled. */
  isCurrent(messageId: string, attempt: number): Promise<boolean>;
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

/** `language`: the one that it is written in. */
export type WrittenEmail = Pick<Email, 'language' | 'subject' | 'text' | 'html'>;

/**
 * `refused` is permanent (SMTP 5xx). `withdrawn`: not handed over because it was no longer due. Transient failures are thrown.
 */
export type SendResult =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'refused'; readonly smtpCode: number };

/** What can end an attempt at an email, and what is checked again once a connection is ready. */
export interface Attempt {
  /** The email is no longer needed: withdraw it unless the mail server already has it. */
  readonly stop: AbortSignal;
  /** The attempt is over, at whatever step. */
  readonly giveUp: AbortSignal;
  /** The email as it must be sent now; null if it must not be sent any more. Called when a connection is ready. */
  renew(email: Email): Promise<Email | null>;
  /** Checked when the mail server is ready for the message itself. */
  isDue(): boolean;
}

export interface Mailer {
  /** Rejects with the reason of the signal that ended the attempt, and closes its connection. */
  send(email: Email, attempt: Attempt): Promise<SendResult>;
}
