import type { EmailTemplates } from '../../../ports/email-templates';
import { accountRegisteredEmail } from './account-registered-email';
import { addressChangedEmail } from './address-changed-email';
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
export function createEmailTemplates(): EmailTemplates {
  return {
    pin: pinEmail,
    passwordChanged: passwordChangedEmail,
    usernameReminded: usernameRemindedEmail,
    recoveryLimitReached: recoveryLimitEmail,
    accountRegistered: accountRegisteredEmail,
    addressChanged: addressChangedEmail,
    invitation: invitationEmail,
    passwordReminder: passwordReminderEmail,
    planChangeCompleted: planChangeCompletedEmail,
    agentOfRecord: agentOfRecordEmail,
    planChangeCorrected: planChangeCorrectedEmail,
    agentOfRecordCorrected: agentOfRecordCorrectedEmail,
    planChangeWaiting: planChangeWaitingEmail,
    planChangeHeld: planChangeHeldEmail,
    agentTerminated: agentTerminatedEmail,
  };
}
