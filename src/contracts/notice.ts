/** What crosses the boundary of the `deliverNotice` workflow: one email of the ledger, carried until it is settled. */

import { DAY_MS } from '../domain/portal';

export const DELIVER_NOTICE_WORKFLOW = 'deliverNotice';

export type NoticeKind = 'password-changed';
export type MailKind = 'pin' | NoticeKind;

/** How an email ended: accepted by the mail server, refused by it for good, or too late to be true. */
export type MailOutcome = 'delivered' | 'refused' | 'outdated';

export interface DeliverNoticeInput {
  readonly messageId: string;
  readonly kind: NoticeKind;
  readonly accountId: string;
  /** Id of what the notice tells of: the new credential. */
  readonly reference: string;
  /** When it was announced, which may be a moment before it was written. */
  readonly announcedAtMs: number;
  readonly validUntilMs: number;
}

const VALID_FOR_MS = 3 * DAY_MS;

/** The notice that tells the account's owner of a new password. */
export function passwordChangedNotice(
  accountId: string,
  credentialId: string,
  atMs: number,
): DeliverNoticeInput {
  return {
    messageId: `password-changed.${credentialId}`,
    kind: 'password-changed',
    accountId,
    reference: credentialId,
    announcedAtMs: atMs,
    validUntilMs: atMs + VALID_FOR_MS,
  };
}

export interface DeliverNoticeResult {
  readonly outcome: MailOutcome;
}

export interface NoticeActivities {
  /** Sends the ledger's message, unless it was sent already. Retried until `validUntilMs`. */
  sendNotice(input: DeliverNoticeInput): Promise<DeliverNoticeResult>;
}
