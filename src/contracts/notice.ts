/** What crosses the boundary of the `deliverNotice` workflow: one email of the ledger, carried until it is settled. */

import { escalationKind, type Escalation } from '../domain/plan-change/plan-change';
import { DAY_MS } from '../domain/time';
import { RUN_REVISION, type OfRevision } from './run-revision';

export const DELIVER_NOTICE_WORKFLOW = 'deliverNotice';

/** Memo of a run that sends an email again: which request of an operator it was started for. */
export const RESEND_MEMO = 'resend';

/**
 * To the customer; to the agent of record who stays, comes, goes; to the unit's lead, of a change that waits for minutes or a day, that is
 * held, and that is held a week later.
 */
export const PLAN_CHANGE_NOTICE_KINDS = [
  'plan-change-completed',
  'agent-of-record-kept',
  'agent-of-record-gained',
  'agent-of-record-lost',
  'plan-change-waiting',
  'plan-change-overdue',
  'plan-change-held',
  'plan-change-still-held',
] as const;
const NOTICE_KINDS = [
  'password-changed',
  'username-reminded',
  'account-registered',
  'address-changed',
  'access-invitation',
  'recovery-limit-reached',
  ...PLAN_CHANGE_NOTICE_KINDS,
] as const;
export const MAIL_KINDS = ['pin', 'password-reminder', ...NOTICE_KINDS] as const;

export type PlanChangeNoticeKind = (typeof PLAN_CHANGE_NOTICE_KINDS)[number];
export type NoticeKind = (typeof NOTICE_KINDS)[number];
export type MailKind = (typeof MAIL_KINDS)[number];

/** Emails that a run of their own carries; the others belong to the run that makes them. */
export const isNotice = (kind: MailKind): kind is NoticeKind =>
  kind !== 'pin' && kind !== 'password-reminder';

/** How an email ended: accepted by the mail server, refused by it for good, or too late to be true. */
export type MailOutcome = 'delivered' | 'refused' | 'outdated';

export interface DeliverNoticeInput extends OfRevision {
  readonly messageId: string;
  readonly kind: NoticeKind;
  /** Whom it goes to; absent for people without an account: who is invited, customers, agents, the unit's lead. */
  readonly accountId?: string | undefined;
  /** Id of what the notice tells of: a credential, a reminder, an account, a change of address, an invitation, a plan change. */
  readonly reference: string;
  /** When it was announced, which may be a moment before it was written. */
  readonly announcedAtMs: number;
  readonly validUntilMs: number;
  /** Counts from 1 how often an operator has it sent again; absent: it goes out by itself. */
  readonly again?: number | undefined;
}

const VALID_FOR_MS = 3 * DAY_MS;

/** Tells an account's owner of a new password. */
export function passwordChangedNotice(
  accountId: string,
  credentialId: string,
  atMs: number,
): DeliverNoticeInput {
  return notice('password-changed', {
    accountId,
    reference: credentialId,
    announcedAtMs: atMs,
    validUntilMs: atMs + VALID_FOR_MS,
  });
}

/** Tells an account's owner that somebody looked their username up. */
export function usernameRemindedNotice(
  accountId: string,
  reminderId: string,
  atMs: number,
): DeliverNoticeInput {
  return notice('username-reminded', {
    accountId,
    reference: reminderId,
    announcedAtMs: atMs,
    validUntilMs: atMs + VALID_FOR_MS,
  });
}

/** Tells an agent, at the roster's address, of an account that was registered under their number. */
export function accountRegisteredNotice(accountId: string, atMs: number): DeliverNoticeInput {
  return notice('account-registered', {
    accountId,
    reference: accountId,
    announcedAtMs: atMs,
    validUntilMs: atMs + VALID_FOR_MS,
  });
}

/** Tells an account's former address that there is another one now. */
export function addressChangedNotice(accountId: string, changeId: string, atMs: number): DeliverNoticeInput {
  return notice('address-changed', {
    accountId,
    reference: changeId,
    announcedAtMs: atMs,
    validUntilMs: atMs + VALID_FOR_MS,
  });
}

/** Brings an access code to whom it was issued for; as long as the code is good. */
export function invitationNotice(
  invitationId: string,
  atMs: number,
  expiresAtMs: number,
): DeliverNoticeInput {
  return notice('access-invitation', {
    reference: invitationId,
    announcedAtMs: atMs,
    validUntilMs: expiresAtMs,
  });
}

/**
 * Tells an account's owner that the tries of their password reset are used up. `reference` is the same all day for one person. It is started
 * for people we do not know as well, without an account, and goes nowhere then.
 */
export function recoveryLimitNotice(
  accountId: string | undefined,
  reference: string,
  atMs: number,
): DeliverNoticeInput {
  return notice('recovery-limit-reached', {
    accountId,
    reference,
    announcedAtMs: atMs,
    validUntilMs: atMs + VALID_FOR_MS,
  });
}

/** Tells of a plan change: what was decided, or that nobody takes it. */
export function planChangeNotice(
  kind: PlanChangeNoticeKind,
  planChangeId: string,
  atMs: number,
): DeliverNoticeInput {
  return notice(kind, { reference: planChangeId, announcedAtMs: atMs, validUntilMs: atMs + VALID_FOR_MS });
}

/** Tells the unit's lead of a change that waits or is held: each time once, however often it is asked for. */
export function escalationNotice(
  escalation: Escalation,
  planChangeId: string,
  atMs: number,
): DeliverNoticeInput {
  const told = planChangeNotice(`plan-change-${escalationKind(escalation)}`, planChangeId, atMs);
  const [, ...times] = escalation.split('.');
  return { ...told, messageId: [told.messageId, ...times].join('.') };
}

/** The notice of a settled or forgotten email, once more. `again` counts from 1. */
export function noticeAgain(
  {
    firstTriedAtMs,
    ...email
  }: Omit<DeliverNoticeInput, 'announcedAtMs' | 'again' | 'revision'> & {
    readonly firstTriedAtMs: number;
  },
  again: number,
): DeliverNoticeInput {
  // An invitation is valid as long as its code, and tells no date of its own.
  const announcedAtMs =
    email.kind === 'access-invitation' ? firstTriedAtMs : email.validUntilMs - VALID_FOR_MS;
  return { ...email, announcedAtMs, again, revision: RUN_REVISION };
}

function notice(kind: NoticeKind, about: Omit<DeliverNoticeInput, 'kind' | 'messageId'>): DeliverNoticeInput {
  return { messageId: `${kind}.${about.reference}`, kind, ...about, revision: RUN_REVISION };
}

export interface DeliverNoticeResult {
  readonly outcome: MailOutcome;
}

export interface NoticeActivities {
  /** Sends the ledger's message, unless it was sent already. Retried until `validUntilMs`. */
  sendNotice(input: DeliverNoticeInput): Promise<DeliverNoticeResult>;
}
