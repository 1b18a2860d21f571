/** What crosses the boundary of the `deliverNotice` workflow: one email of the ledger, until it is settled. */

import type { AorDecision } from '../domain/plan-change/agent-of-record';
import { escalationKind, type Escalation } from '../domain/plan-change/plan-change';
import { DAY_MS } from '../domain/time';
import { RUN_REVISION, type OfRevision } from './run-revision';

export const DELIVER_NOTICE_WORKFLOW = 'deliverNotice';

/** Memo of a run that sends an email again: the operator's request that started it. */
export const RESEND_MEMO = 'resend';

/**
 * To the customer; to the agent of record who stays, comes or goes; to the unit's lead, about a change that has waited for
 * minutes or a day, that is held, or that is still held a week later; to customer and agents, about a correction.
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
  'plan-change-corrected',
  'agent-of-record-corrected',
] as const;
const NOTICE_KINDS = [
  'password-changed',
  'username-reminded',
  'account-registered',
  'address-changed',
  'two-step-changed',
  'access-invitation',
  'recovery-limit-reached',
  'agent-terminated',
  ...PLAN_CHANGE_NOTICE_KINDS,
] as const;
export const MAIL_KINDS = ['pin', 'sign-in-code', 'password-reminder', ...NOTICE_KINDS] as const;

export type PlanChangeNoticeKind = (typeof PLAN_CHANGE_NOTICE_KINDS)[number];
export type CorrectionNoticeKind = Extract<PlanChangeNoticeKind, `${string}-corrected`>;
export type NoticeKind = (typeof NOTICE_KINDS)[number];
export type MailKind = (typeof MAIL_KINDS)[number];

/** Emails with a separate run; the others belong to the run that creates them. */
export const isNotice = (kind: MailKind): kind is NoticeKind =>
  (NOTICE_KINDS as readonly MailKind[]).includes(kind);

/** How an email ended: accepted by the mail server, permanently refused by it, or no longer true. */
export type MailOutcome = 'delivered' | 'refused' | 'outdated';

export interface DeliverNoticeInput extends OfRevision {
  readonly messageId: string;
  readonly kind: NoticeKind;
  /** The recipient's account; absent for people without one: invited people, customers, agents, the unit's lead, compliance. */
  readonly accountId?: string | undefined;
  /** Id of the notice's subject: a credential, a reminder, an account, a change of address or of two-step verification, an invitation, a plan change, a termination. */
  readonly reference: string;
  /** When it was announced, possibly a moment before the change was written. */
  readonly announcedAtMs: number;
  readonly validUntilMs: number;
  /** How often an operator has sent it again, from 1; absent if it is sent automatically. */
  readonly again?: number | undefined;
}

const VALID_FOR_MS = 3 * DAY_MS;

/** Tells an account's owner about a new password. */
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

/** Tells an account's owner that somebody looked up their username. */
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

/** Tells an agent, at the roster's address, about an account registered under their number. */
export function accountRegisteredNotice(accountId: string, atMs: number): DeliverNoticeInput {
  return notice('account-registered', {
    accountId,
    reference: accountId,
    announcedAtMs: atMs,
    validUntilMs: atMs + VALID_FOR_MS,
  });
}

/** Tells an account's former address that it was replaced. */
export function addressChangedNotice(accountId: string, changeId: string, atMs: number): DeliverNoticeInput {
  return notice('address-changed', {
    accountId,
    reference: changeId,
    announcedAtMs: atMs,
    validUntilMs: atMs + VALID_FOR_MS,
  });
}

/** Tells an account's owner that two-step verification was turned on or off, whoever did it. */
export function twoStepChangedNotice(accountId: string, changeId: string, atMs: number): DeliverNoticeInput {
  return notice('two-step-changed', {
    accountId,
    reference: changeId,
    announcedAtMs: atMs,
    validUntilMs: atMs + VALID_FOR_MS,
  });
}

/** Sends an access code to the person it was issued for, while the code is valid. */
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
 * Tells an account's owner that the tries of their password reset are used up. `reference` is constant for one person and day. It
 * is started for unknown people too, without an account, and then sends nothing.
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

/** Tells compliance about an agent whose last day is over. */
export function agentTerminatedNotice(terminationId: string, atMs: number): DeliverNoticeInput {
  return notice('agent-terminated', {
    reference: terminationId,
    announcedAtMs: atMs,
    validUntilMs: atMs + VALID_FOR_MS,
  });
}

/** Tells about a plan change: what was decided, or that nobody takes it. */
export function planChangeNotice(
  kind: PlanChangeNoticeKind,
  planChangeId: string,
  atMs: number,
): DeliverNoticeInput {
  return notice(kind, { reference: planChangeId, announcedAtMs: atMs, validUntilMs: atMs + VALID_FOR_MS });
}

/** The recipients of a decision's notices. */
const DECISION_NOTICES: Readonly<Record<AorDecision['outcome'], readonly PlanChangeNoticeKind[]>> = {
  retained: ['plan-change-completed', 'agent-of-record-kept'],
  transferred: ['plan-change-completed', 'agent-of-record-gained', 'agent-of-record-lost'],
  ended: ['plan-change-completed', 'agent-of-record-lost'],
  none: ['plan-change-completed'],
};

/** Whether the email tells of a decision: the run of the plan change sends it. */
export const isDecisionNotice = (kind: MailKind): boolean =>
  Object.values(DECISION_NOTICES).some((kinds) => kinds.some((each) => each === kind));

/** Tell the customer and the agents of a decision. One to an agent whom nobody replaced is never sent. */
export const decisionNotices = (
  outcome: AorDecision['outcome'],
  planChangeId: string,
  atMs: number,
): readonly DeliverNoticeInput[] =>
  DECISION_NOTICES[outcome].map((kind) => planChangeNotice(kind, planChangeId, atMs));

/** Tell the agents who had gained by a change that another one, with this id, has taken the place of. */
export const replacementNotices = (
  planChangeId: string,
  agentKeys: readonly string[],
  atMs: number,
): readonly DeliverNoticeInput[] =>
  agentKeys.map((agentKey) => {
    const told = planChangeNotice('agent-of-record-corrected', planChangeId, atMs);
    return { ...told, messageId: `${told.messageId}.${agentKey}` };
  });

/** Tell the customer and each agent concerned of a correction: one email each, though a change may be corrected several times. */
export function correctionNotices({
  correctionId,
  planChangeId,
  agentKeys,
  atMs,
}: {
  readonly correctionId: string;
  readonly planChangeId: string;
  readonly agentKeys: readonly string[];
  readonly atMs: number;
}): readonly DeliverNoticeInput[] {
  const ofCorrection = (kind: CorrectionNoticeKind, ...agentKey: string[]): DeliverNoticeInput => ({
    ...planChangeNotice(kind, planChangeId, atMs),
    messageId: [kind, correctionId, ...agentKey].join('.'),
  });
  return [
    ofCorrection('plan-change-corrected'),
    ...agentKeys.map((agentKey) => ofCorrection('agent-of-record-corrected', agentKey)),
  ];
}

/**
 * The correction that an email tells of, or the change that took another one's place, and the agent who is told: by the email's id, also
 * when it is sent again. Null: of none.
 */
export function correctionOf(
  messageId: string,
): { readonly correctionId: string; readonly agentKey: string | null } | null {
  const [kind = '', correctionId = '', agentKey = null] = messageId.split('.');
  return kind.endsWith('-corrected') ? { correctionId, agentKey } : null;
}

/** Tells the unit's lead about a change that waits or is held: each escalation once, even if requested repeatedly. */
export function escalationNotice(
  escalation: Escalation,
  planChangeId: string,
  atMs: number,
): DeliverNoticeInput {
  const told = planChangeNotice(`plan-change-${escalationKind(escalation)}`, planChangeId, atMs);
  const [, ...times] = escalation.split('.');
  return { ...told, messageId: [told.messageId, ...times].join('.') };
}

/** The notice of a settled or forgotten email, sent again. `again` counts from 1. */
export function noticeAgain(
  {
    firstTriedAtMs,
    ...email
  }: Omit<DeliverNoticeInput, 'announcedAtMs' | 'again' | 'revision'> & {
    readonly firstTriedAtMs: number;
  },
  again: number,
): DeliverNoticeInput {
  // An invitation is valid as long as its code, and its email mentions no other date.
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
  /** Sends the ledger's message unless it was already sent. Retried until `validUntilMs`. */
  sendNotice(input: DeliverNoticeInput): Promise<DeliverNoticeResult>;
}
