/** Emails: whom they go to, the ledger, the mail server, and the runs that carry them. */
import type { DeliverNoticeInput, MailKind, MailOutcome } from '../contracts/notice';
import type { Language, Portal } from '../domain/portal';

/** Starts the run that delivers an email of the ledger. */
export interface NoticeAnnouncer {
  // Call each before the write it tells of: the run waits for that, and ends as outdated when it never happens.
  // `isRepeated`: an earlier run may have ended before the write; another takes its place, and sends what was not sent.
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
  /** Starts the run that carries the message; one that is there already is left alone. */
  start(notice: DeliverNoticeInput): Promise<void>;
}

export interface NoticeRestarter {
  /** Starts the run again where it is over: one that ended before its change was written has sent nothing. */
  restart(notice: DeliverNoticeInput): Promise<void>;
}

export interface NoticeResender extends NoticeRestarter {
  /** Starts a further run, numbered in `notice.again`, for the request `resendId`; false when there is, or was, one. */
  startAgain(notice: DeliverNoticeInput, resendId: string): Promise<boolean>;
}

/** Whom an email goes to. Personal data: it never leaves the activity. */
export interface Addressee {
  readonly email: string;
  /** Empty for a firm. */
  readonly firstName: string;
  readonly language: Language;
}

/** Somebody whom a portal writes to. */
export interface Recipient extends Addressee {
  /** Absent for somebody who is only invited. */
  readonly accountId?: string | undefined;
  readonly portal: Portal;
  readonly username: string;
}

export interface RecipientDirectory {
  /** The account's recipient, or null when there is no such account. */
  findRecipient(accountId: string): Promise<Recipient | null>;
}

export interface LedgerEntry {
  readonly messageId: string;
  readonly kind: MailKind;
  readonly accountId?: string | undefined;
  /** Id of what the message is about: a reset, a credential, an invitation. */
  readonly reference: string;
  readonly validUntilMs: number;
  /** Counts how often an operator has it sent again: a higher number opens a settled entry once more. */
  readonly again?: number | undefined;
}

/** The send ledger: one row an email, whatever became of it. */
export interface MailLedger {
  /**
   * Opens the entry when it is new, or sent again for the first time, and counts one more attempt, unless it is settled: tells how it
   * was, or null, and the number of the last attempt.
   */
  begin(entry: LedgerEntry): Promise<{ readonly settled: MailOutcome | null; readonly attempt: number }>;
  /** Whether this attempt is still the last one, at an entry that is not settled. */
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

/** `refused` is for good (SMTP 5xx), `withdrawn` was not handed over because it was no longer due; anything that may pass is thrown. */
export type SendResult =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'refused'; readonly smtpCode: number };

/** What ends an attempt at an email, and what is asked again once there is a connection for it. */
export interface Attempt {
  /** Nobody needs the email any more: it is taken back unless the mail server has it already. */
  readonly stop: AbortSignal;
  /** The attempt is over, wherever it stands. */
  readonly giveUp: AbortSignal;
  /** The email as it is to be handed over now; null: not any more. Asked when a connection is ready for it. */
  renew(email: Email): Promise<Email | null>;
  /** Asked when the mail server is ready for the message itself. */
  isDue(): boolean;
}

export interface Mailer {
  /** Rejects with the reason of the signal that ended the attempt; its connection is closed then. */
  send(email: Email, attempt: Attempt): Promise<SendResult>;
}
