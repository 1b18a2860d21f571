/** What happened, in a sentence: the texts of a timeline's entries. For operators, in English. */
import type { AuditAction } from '../../contracts/audit';
import type { MailKind } from '../../contracts/notice';
import type { AuditFact, DecisionFact, EmailFact, OpsRun } from '../../ports/ops';
import { PROBLEM_CODES } from '../http/problems';
import type { Texts } from '../../ports/texts';

/** By outcome: `success`, and what else there is; the other outcomes are problems, and are told after a colon. */
interface AuditTexts {
  readonly done: string;
  readonly refused?: string;
}

const AUDIT_TEXTS: Readonly<Record<AuditAction, AuditTexts>> = {
  'signed-in': { done: 'They signed in.' },
  'sign-in-refused': { done: 'Signing in was refused.', refused: 'Signing in was refused' },
  'signed-out': { done: 'They signed out.' },
  'password-changed': {
    done: 'The password was changed by somebody who knew it; every session ended.',
    refused: 'The password was not changed',
  },
  'password-reset': {
    done: 'The password was reset; every session ended.',
    refused: 'The password was not reset',
  },
  'username-shown': { done: 'The user ID was shown; the password stayed as it was.' },
  'username-reminded': { done: 'The username was looked up and shown.' },
  'username-reminder-refused': {
    done: 'The username was not shown.',
    refused: 'The username was not shown',
  },
  'access-code-accepted': { done: 'An access code was accepted.' },
  'access-code-refused': {
    done: 'An access code was refused.',
    refused: 'An access code was refused',
  },
  registered: { done: 'The account was registered.' },
  'registration-refused': { done: 'Registering was refused.', refused: 'Registering was refused' },
  'invitation-issued': { done: 'An access code was issued.' },
  'reset-opened': {
    done: 'A password reset was opened, or an open one joined.',
    refused: 'A password reset was not opened',
  },
  'proof-accepted': { done: 'Identity was proved.' },
  'proof-refused': { done: 'Identity was not proved.', refused: 'Identity was not proved' },
  'api-key-created': { done: 'An API key was made.' },
  'api-key-used': { done: 'An API key was used.', refused: 'An API key was refused' },
  'api-key-revoked': { done: 'An API key was revoked.' },
  'reminder-sent': { done: 'They were reminded that the password ends.' },
  'account-closed': { done: 'An operator closed the account; every session ended.' },
  'account-reopened': { done: 'An operator opened the account again.' },
  'agent-terminated': { done: 'The agent’s last day is over; every session ended.' },
  'roster-imported': { done: 'A roster was imported.', refused: 'A roster was imported, or was to be' },
  'plan-change-opened': { done: 'A plan change was taken in.' },
  'plan-change-claimed': { done: 'A representative of the unit took the plan change.' },
  'plan-change-released': { done: 'The representative gave the plan change back to the queue.' },
  'plan-change-claim-lapsed': {
    done: 'The representative’s time ran out; the plan change went back to the queue.',
  },
  'plan-change-referred': { done: 'The internal agent handed the plan change over to the unit.' },
  'plan-change-held': { done: 'The plan change was held.', refused: 'The plan change was held' },
  'plan-change-facilitator-replaced': { done: 'Another facilitator took the plan change over.' },
  'plan-change-escalated': {
    done: 'The unit’s lead was told that the plan change waits.',
    refused: 'The unit’s lead was told that the plan change waits',
  },
  'plan-change-completed': { done: 'The plan change was completed.' },
  'plan-change-reversed': {
    done: 'The plan change was reversed.',
    refused: 'The plan change was reversed',
  },
  'agent-of-record-redetermined': {
    done: 'Who is agent of record after the plan change was determined again.',
  },
  'plan-change-withdrawn': { done: 'The plan change was withdrawn.' },
  'plan-change-abandoned': { done: 'The plan change was abandoned: nobody completed it in time.' },
  'runs-listed': { done: 'An operator looked runs up.' },
  'timeline-read': { done: 'An operator read a timeline.' },
  'run-cancel-requested': {
    done: 'An operator asked for a run to be cancelled.',
    refused: 'An operator wanted a run cancelled, and it was not',
  },
  'recovery-allowed': {
    done: 'An operator gave the tries of the password reset back.',
    refused: 'An operator wanted to give the tries of the password reset back, and did not',
  },
  'email-resend-requested': {
    done: 'An operator had an email sent again.',
    refused: 'An operator wanted an email sent again, and it was not',
  },
};

/** Outcomes that are told in other words than their problem's title, or are no problem. */
const REASONS: Readonly<Record<string, string>> = {
  credentials_wrong: 'the password was wrong',
  password_expired: 'the password had expired',
  password_locked: 'there had been too many wrong passwords in a row',
  password_refused: 'the new password broke a rule',
  pin_wrong: 'it was not the PIN',
  pin_superseded: 'a newer PIN had been sent',
  answers_wrong: 'the answers were wrong',
  reset_expired: 'the reset was over',
  proof_required: 'identity was not proved',
  password_not_kept: 'the choice could not be kept',
  reset_exhausted: 'no tries were left',
  too_many_requests: 'there were too many tries',
  email_not_resendable: 'this kind is not sent again',
  email_outdated: 'it was too late for it',
  email_being_sent: 'it was being sent at that moment',
  not_found: 'there was none',
  'facilitator-terminated': 'the facilitator is no longer active',
  'facilitator-not-licensed': 'the facilitator is not licensed in the customer’s state',
  'facilitator-not-appointed': 'the facilitator is not appointed',
  'facilitator-not-certified': 'the facilitator is not certified for the plan year',
  waiting: 'for a while',
  overdue: 'for a day',
  held: 'it is held, a compliance case',
  'still-held': 'it has been held for another week',
  'customer-cancelled': 'the customer canceled it',
  'rejected-by-cms': 'CMS did not accept the enrollment',
  'entered-in-error': 'it had been recorded by mistake',
  lines_refused: 'some of its lines did not go in',
  import_failed: 'it failed, and nothing of it went in',
};

export function auditText({ action, outcome, reason, operator }: AuditFact, texts: Texts): string {
  const { done, refused } = AUDIT_TEXTS[action];
  const told =
    refused === undefined || outcome === 'success' ? done : `${refused}: ${reasonOf(outcome, texts)}.`;
  return [
    told,
    ...(operator === null ? [] : [`Operator: ${operator}.`]),
    ...(reason === null ? [] : [`Why: “${reason}”`]),
  ].join(' ');
}

function reasonOf(outcome: string, texts: Texts): string {
  const code = PROBLEM_CODES.find((each) => each === outcome);
  const title = code && texts.text('en', `problems.${code}.title`);
  return REASONS[outcome] ?? (title === undefined ? outcome : title.charAt(0).toLowerCase() + title.slice(1));
}

const EMAILS: Readonly<Record<MailKind, string>> = {
  pin: 'The PIN email',
  'password-changed': 'The email about the changed password',
  'username-reminded': 'The email about the username that was looked up',
  'account-registered': 'The email to the roster’s address about the registration',
  'address-changed': 'The email to the former address',
  'access-invitation': 'The email with the access code',
  'recovery-limit-reached': 'The email about a password reset that has no tries left',
  'password-reminder': 'The reminder that the password ends',
  'agent-terminated': 'The email to compliance about the terminated agent',
  'plan-change-completed': 'The email to the customer about the completed plan change',
  'agent-of-record-kept': 'The email to the agent who stays agent of record',
  'agent-of-record-gained': 'The email to the new agent of record',
  'agent-of-record-lost': 'The email to the agent who is agent of record no longer',
  'plan-change-waiting': 'The email to the unit’s lead about the plan change that waits',
  'plan-change-overdue': 'The second email to the unit’s lead about the plan change that waits',
  'plan-change-held': 'The email to the unit’s lead about the plan change that is held',
  'plan-change-corrected': 'The email to the customer about the corrected plan change',
  'agent-of-record-corrected': 'The email to an agent about the corrected plan change',
  'plan-change-still-held': 'The weekly email to the unit’s lead about the plan change that is held',
};

/** An attempt that has not succeeded within this time has most likely failed. */
const FIRST_TRY_MS = 10_000;

export function emailText(fact: EmailFact, nowMs: number): string {
  const { kind, status, attempts, resends, smtpCode, firstTriedAtMs, validUntilMs, replaced } = fact;
  const isFirstTry = attempts === 1 && nowMs < firstTriedAtMs + FIRST_TRY_MS;
  const email = EMAILS[kind];
  const again = resends === 0 ? '' : ', sent again by an operator';
  switch (status) {
    case 'delivered':
      if (resends > 0 || attempts === 1) return `${email} was delivered${again}.`;
      return `${email} was delivered at attempt ${attempts}; the mail server had not taken it before.`;
    case 'refused':
      // Ours, and the server's own word for it: nothing else than another address helps.
      if (smtpCode === 553) {
        return `${email}${again} was refused for good: mail cannot be sent to an address like this one (SMTP code 553).`;
      }
      return `${email}${again} was refused by the mail server for good (SMTP code ${smtpCode ?? 'unknown'}).`;
    case 'outdated':
      return `${email} was not delivered: before the mail server took it, it was too late (${inAttempts(attempts)}).`;
    case 'pending':
      if (replaced) return `${email} was not delivered before a newer PIN took its place.`;
      if (nowMs >= validUntilMs) {
        return `${email} was not delivered in its time (${inAttempts(attempts)}): what sends it was stopped, or was over before.`;
      }
      if (isFirstTry || resends > 0) return `${email} is on its way${again} (attempt ${attempts}).`;
      return `${email} could not be delivered yet: the mail server was away or did not take it (attempt ${attempts}).`;
  }
}

const inAttempts = (attempts: number): string => (attempts === 1 ? '1 attempt' : `${attempts} attempts`);

export function decisionText(fact: DecisionFact): string {
  const { customerId, outcome, reason, effectiveOn, commissionContinues, agentNumber, previousNumber, role } =
    fact;
  const why = `(${reason.replaceAll('-', ' ')})`;
  switch (role) {
    case 'kept':
      return `They stay agent of record of customer ${customerId} ${why}.`;
    case 'gained':
      return `They become agent of record of customer ${customerId} on ${effectiveOn} ${why}.`;
    case 'lost':
      return `They are agent of record of customer ${customerId} no longer, from ${effectiveOn} on ${why}.`;
    case null:
      break;
  }
  const commission = `the commission ${commissionContinues ? 'goes on' : 'ends'}`;
  switch (outcome) {
    case 'retained':
      return `Agent ${agentNumber} stays agent of record ${why}; ${commission}.`;
    case 'transferred':
      return previousNumber === null
        ? `Agent ${agentNumber} becomes agent of record on ${effectiveOn} ${why}.`
        : `Agent ${agentNumber} becomes agent of record on ${effectiveOn} in place of agent ${previousNumber} ${why}; ${commission}.`;
    case 'ended':
      return `Agent ${previousNumber} is agent of record no longer, from ${effectiveOn} on, and nobody else is ${why}; ${commission}.`;
    case 'none':
      return `Nobody is agent of record, as before ${why}.`;
  }
}

const RUNS: Readonly<Record<string, string>> = {
  passwordReset: 'The password reset',
  passwordRotation: 'The reminding of the password’s end',
  deliverNotice: 'The sending of an email',
  planChange: 'The plan change’s run',
  rotationSweep: 'The sweep',
  correctAgentOfRecord: 'The correction of a plan change',
};

export function runText({ type, status, stage, outcome }: OpsRun): string {
  const run = RUNS[type] ?? `The run of ${type}`;
  switch (status) {
    case 'open':
    case 'paused':
      return `${run} is ${status}${stage === null ? '' : `, at the step “${stage}”`}.`;
    case 'completed':
      return `${run} ended${outcome === null ? '' : `: ${outcome}`}.`;
    case 'failed':
      return `${run} failed.`;
    case 'cancelled':
      return `${run} was cancelled.`;
    case 'terminated':
      return `${run} was terminated.`;
    case 'continued-as-new':
      return `${run} went on as a new run.`;
    case 'timed-out':
      return `${run} ran out of time.`;
    case 'unknown':
      return `${run}: Temporal tells a status that is not known here.`;
  }
}
