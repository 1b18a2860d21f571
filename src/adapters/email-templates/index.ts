import type { EmailTemplates } from '../../activities/ports';
import { passwordChangedEmail } from './password-changed-email';
import { pinEmail } from './pin-email';

/** The emails of both portals in English and Spanish, as text and as HTML, with the facts of the portal's policy. */
export function createEmailTemplates(): EmailTemplates {
  return { pin: pinEmail, passwordChanged: passwordChangedEmail };
}
