import type { EmailTemplates } from '../../activities/ports';
import { invitationEmail } from './invitation-email';
import { passwordChangedEmail } from './password-changed-email';
import { passwordReminderEmail } from './password-reminder-email';
import { pinEmail } from './pin-email';
import { usernameRemindedEmail } from './username-reminded-email';

/** The emails of both portals in English and Spanish, as text and as HTML, with the facts of the portal's policy. */
export function createEmailTemplates(): EmailTemplates {
  return {
    pin: pinEmail,
    passwordChanged: passwordChangedEmail,
    usernameReminded: usernameRemindedEmail,
    invitation: invitationEmail,
    passwordReminder: passwordReminderEmail,
  };
}
