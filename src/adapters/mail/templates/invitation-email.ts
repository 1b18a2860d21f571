import type { InvitationContent } from '../../../ports/email-templates';
import type { Language } from '../../../domain/portal';
import { helpPhone, type LetterRules } from './common-texts';
import type { RenderedEmail } from './layout';
import { letterTo } from './letter-to';
import { localTime, type LocalTime } from './local-time';

interface InvitationTexts {
  subject(portalName: string): string;
  readonly title: string;
  invited(portalName: string): string;
  until(at: LocalTime): string;
  readonly howTitle: string;
  readonly how: readonly string[];
  readonly helpTitle: string;
  help(phone: string): string;
}

const texts: Readonly<Record<Language, InvitationTexts>> = {
  en: {
    subject: (portalName) => `${portalName}: your access code`,
    title: 'Your access code',
    invited: (portalName) =>
      `You are invited to open an account in the ${portalName}. This is your access code:`,
    until: (at) => `It works once, for this email address, until ${at.time} on ${at.date}.`,
    howTitle: 'How to use it',
    how: [
      'Choose “Create account” on the sign-in page.',
      'Enter your last name and the access code. Capital letters and dashes do not matter.',
      'Choose a username and a password, and give this email address.',
    ],
    helpTitle: 'Please note',
    help: (phone) =>
      `A newer access code ends this one. If you did not expect it, do not pass it on, and tell us: ${phone}.`,
  },
  es: {
    subject: (portalName) => `${portalName}: su código de acceso`,
    title: 'Su código de acceso',
    invited: (portalName) =>
      `Le invitamos a abrir una cuenta en el ${portalName}. Este es su código de acceso:`,
    until: (at) =>
      `Sirve una sola vez, para esta dirección de correo, hasta ${at.hour === 1 ? 'la' : 'las'} ${at.time} del ${at.date}.`,
    howTitle: 'Cómo usarlo',
    how: [
      'Elija «Crear cuenta» en la página de inicio de sesión.',
      'Escriba su apellido y el código de acceso. Las mayúsculas y los guiones no importan.',
      'Elija un nombre de usuario y una contraseña, y dé esta dirección de correo.',
    ],
    helpTitle: 'Tenga en cuenta',
    help: (phone) =>
      `Un código más reciente reemplaza a este. Si no lo esperaba, no lo comparta y avísenos: ${phone}.`,
  },
};

/** The access code for somebody who is not an agent (spec.md 2): single-use, for one address, until it expires. */
export function invitationEmail(
  rules: LetterRules,
  { recipient, code, expiresAtMs }: InvitationContent,
): RenderedEmail {
  const { language } = recipient;
  const policy = rules.policies[recipient.portal];
  const portalName = policy.name[language];
  const text = texts[language];
  return letterTo(rules, recipient, {
    subject: text.subject(portalName),
    title: text.title,
    blocks: [
      { kind: 'paragraph', text: text.invited(portalName) },
      { kind: 'code', text: code },
      { kind: 'notice', text: text.until(localTime(expiresAtMs, language, policy.timeZone)) },
      { kind: 'heading', text: text.howTitle },
      { kind: 'list', items: text.how },
      { kind: 'heading', text: text.helpTitle },
      { kind: 'paragraph', text: text.help(helpPhone(language, policy)) },
    ],
  });
}
