import type { PasswordChangedContent } from '../../activities/ports';
import { portalPolicies, type Language } from '../../domain/portal';
import { helpPhone } from './common-texts';
import type { RenderedEmail } from './layout';
import { letterTo } from './letter-to';
import { localTime, type LocalTime } from './local-time';

interface PasswordChangedTexts {
  subject(portalName: string): string;
  readonly title: string;
  changed(portalName: string, at: LocalTime): string;
  readonly signedOut: string;
  readonly yoursTitle: string;
  readonly yours: string;
  readonly notYoursTitle: string;
  notYours(phone: string): string;
}

const texts: Readonly<Record<Language, PasswordChangedTexts>> = {
  en: {
    subject: (portalName) => `${portalName}: your password was changed`,
    title: 'Your password was changed',
    changed: (portalName, at) =>
      `The password of your ${portalName} account was changed on ${at.date} at ${at.time}.`,
    signedOut:
      'Every session of the account was signed out. The next time you sign in, use the new password.',
    yoursTitle: 'If you changed it',
    yours: 'There is nothing more to do.',
    notYoursTitle: 'If you did not change it',
    notYours: (phone) => `Somebody else may have access to your account. Call us right away: ${phone}.`,
  },
  es: {
    subject: (portalName) => `${portalName}: se cambió su contraseña`,
    title: 'Se cambió su contraseña',
    changed: (portalName, at) =>
      `La contraseña de su cuenta del ${portalName} se cambió el ${at.date} a ${at.hour === 1 ? 'la' : 'las'} ${at.time}.`,
    signedOut:
      'Se cerraron todas las sesiones de la cuenta. La próxima vez que inicie sesión, use la contraseña nueva.',
    yoursTitle: 'Si la cambió usted',
    yours: 'No tiene que hacer nada más.',
    notYoursTitle: 'Si no la cambió usted',
    notYours: (phone) =>
      `Es posible que otra persona tenga acceso a su cuenta. Llámenos de inmediato: ${phone}.`,
  },
};

/** The notice that a password was changed: when (in the portal's time zone), where, and what to do about it. */
export function passwordChangedEmail({ recipient, changedAtMs }: PasswordChangedContent): RenderedEmail {
  const { language } = recipient;
  const policy = portalPolicies[recipient.portal];
  const portalName = policy.name[language];
  const text = texts[language];
  return letterTo(recipient, {
    subject: text.subject(portalName),
    title: text.title,
    blocks: [
      {
        kind: 'paragraph',
        text: text.changed(portalName, localTime(changedAtMs, language, policy.timeZone)),
      },
      { kind: 'paragraph', text: text.signedOut },
      { kind: 'heading', text: text.notYoursTitle },
      { kind: 'notice', text: text.notYours(helpPhone(language, policy)) },
      { kind: 'heading', text: text.yoursTitle },
      { kind: 'paragraph', text: text.yours },
    ],
  });
}
