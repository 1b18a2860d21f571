import type { PasswordChangedContent } from '../../../ports/email-templates';
import type { Language } from '../../../domain/portal';
import { accountNotice, type AccountNoticeText } from './account-notice';
import type { LetterRules } from './common-texts';
import type { RenderedEmail } from './layout';

interface PasswordChangedText extends AccountNoticeText {
  readonly yoursTitle: string;
  readonly yours: string;
}

const texts: Readonly<Record<Language, PasswordChangedText>> = {
  en: {
    subject: (portalName) => `${portalName}: your password was changed`,
    title: 'Your password was changed',
    happened: (portalName, at) =>
      `The password of your ${portalName} account was changed on ${at.date} at ${at.time}.`,
    details: 'Every session of the account was signed out. The next time you sign in, use the new password.',
    yoursTitle: 'If you changed it',
    yours: 'There is nothing more to do.',
    callTitle: 'If you did not change it',
    call: (phone) => `Somebody else may have access to your account. Call us right away: ${phone}.`,
  },
  es: {
    subject: (portalName) => `${portalName}: se cambió su contraseña`,
    title: 'Se cambió su contraseña',
    happened: (portalName, at) =>
      `La contraseña de su cuenta del ${portalName} se cambió el ${at.date} a ${at.hour === 1 ? 'la' : 'las'} ${at.time}.`,
    details:
      'Se cerraron todas las sesiones de la cuenta. La próxima vez que inicie sesión, use la contraseña nueva.',
    yoursTitle: 'Si la cambió usted',
    yours: 'No tiene que hacer nada más.',
    callTitle: 'Si no la cambió usted',
    call: (phone) => `Es posible que otra persona tenga acceso a su cuenta. Llámenos de inmediato: ${phone}.`,
  },
};

/** The notice that a password was changed: when (in the portal's time zone), where, and what to do. */
export function passwordChangedEmail(
  rules: LetterRules,
  { recipient, changedAtMs }: PasswordChangedContent,
): RenderedEmail {
  const text = texts[recipient.language];
  return accountNotice(rules, recipient, changedAtMs, text, [
    { kind: 'heading', text: text.yoursTitle },
    { kind: 'paragraph', text: text.yours },
  ]);
}
