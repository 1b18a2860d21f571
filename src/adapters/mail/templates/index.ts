import type { EmailTemplates } from '../../../ports/email-templates';
import { accountRegisteredEmail } from './account-registered-email';
import { addressChangedEmail } from './address-changed-email';
import type { LetterRules } from './common-texts';
import { agentOfRecordCorrectedEmail } from './agent-of-record-corrected-email';
import { agentOfRecordEmail } from './agent-of-record-email';
import { agentTerminatedEmail } from './agent-terminated-email';
import { invitationEmail } from './invitation-email';
import { passwordChangedEmail } from './password-changed-email';
import { passwordReminderEmail } from './password-reminder-email';
import { pinEmail } from './pin-email';
import { planChangeCompletedEmail } from './plan-change-completed-email';
import { planChangeCorrectedEmail } from './plan-change-corrected-email';
import { planChangeHeldEmail } from './plan-change-held-email';
import { planChangeWaitingEmail } from './plan-change-waiting-email';
import { recoveryLimitEmail } from './recovery-limit-email';
import { usernameRemindedEmail } from './username-reminded-email';

/** The emails of both portals and of the plan change unit in English and Spanish, as text and as HTML. */
export function createEmailTemplates(rules: LetterRules): EmailTemplates {
  return {
    pin: (content) => pinEmail(rules, content),
    passwordChanged: (content) => passwordChangedEmail(rules, content),
    usernameReminded: (content) => usernameRemindedEmail(rules, content),
    recoveryLimitReached: (content) => recoveryLimitEmail(rules, content),
    accountRegistered: (content) => accountRegisteredEmail(rules, content),
    addressChanged: (content) => addressChangedEmail(rules, content),
    invitation: (content) => invitationEmail(rules, content),
    passwordReminder: (content) => passwordReminderEmail(rules, content),
    planChangeCompleted: (content) => planChangeCompletedEmail(rules, content),
    agentOfRecord: (content) => agentOfRecordEmail(rules, content),
    planChangeCorrected: (content) => planChangeCorrectedEmail(rules, content),
    agentOfRecordCorrected: (content) => agentOfRecordCorrectedEmail(rules, content),
    planChangeWaiting: (content) => planChangeWaitingEmail(rules, content),
    planChangeHeld: (content) => planChangeHeldEmail(rules, content),
    agentTerminated: (content) => agentTerminatedEmail(rules, content),
  };
}
