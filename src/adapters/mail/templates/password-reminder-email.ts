import type { PasswordReminderContent } from '../../../ports/email-templates';
import type { Language } from '../../../domain/portal';
import { calendarDaysLeft } from '../../../domain/password-rotation/rotation-calendar';
import { helpPhone, type LetterRules } from './common-texts';
import type { RenderedEmail } from './layout';
import { letterTo } from './letter-to';
import { localTime, type LocalTime } from './local-time';

interface PasswordReminderTexts {
  /** Of calendar days: `in 14 days`, `tomorrow`, `today`. */
  left(days: number): string;
  subject(portalName: string, left: string): string;
  title(left: string): string;
  ends(portalName: string, left: string, at: LocalTime): string;
  readonly afterwards: string;
  readonly todoTitle: string;
  todo(historyLength: number): readonly string[];
  readonly safetyTitle: string;
  readonly safety: readonly string[];
  readonly helpTitle: string;
  help(phone: string): string;
}

const texts: Readonly<Record<Language, PasswordReminderTexts>> = {
  en: {
    left: (days) => ({ 0: 'today', 1: 'tomorrow' })[days] ?? `in ${days} days`,
    subject: (portalName, left) => `${portalName}: your password ends ${left}`,
    title: (left) => `Your password ends ${left}`,
    ends: (portalName, left, at) =>
      `Your password for the ${portalName} ends ${left}: on ${at.weekday}, ${at.date} at ${at.time}.`,
    afterwards:
      'From that moment on, signing in asks you for a new password, and open sessions end. Nothing else is lost.',
    todoTitle: 'What to do',
    todo: (historyLength) => [
      'Sign in and change your password, or choose “Forgot password” on the sign-in page.',
      `Choose a new one: your last ${historyLength} passwords, the current one among them, cannot be used again.`,
      'You need not wait: changing it now starts a new period and ends these reminders.',
    ],
    safetyTitle: 'Please note',
    safety: [
      'This message has no links. Open the portal the way you always do.',
      'Keep your password to yourself. Nobody will ask you for it, by phone or by email.',
    ],
    helpTitle: 'Need help?',
    help: (phone) => `Call ${phone}.`,
  },
  es: {
    left: (days) => ({ 0: 'hoy', 1: 'mañana' })[days] ?? `en ${days} días`,
    subject: (portalName, left) => `${portalName}: su contraseña vence ${left}`,
    title: (left) => `Su contraseña vence ${left}`,
    ends: (portalName, left, at) =>
      `Su contraseña del ${portalName} vence ${left}: el ${at.weekday} ${at.date} a ${at.hour === 1 ? 'la' : 'las'} ${at.time}.`,
    afterwards:
      'A partir de ese momento, al iniciar sesión se le pedirá una contraseña nueva y se cerrarán las sesiones abiertas. No se pierde nada más.',
    todoTitle: 'Qué hacer',
    todo: (historyLength) => [
      'Inicie sesión y cambie su contraseña, o elija “Olvidé mi contraseña” en la página de inicio de sesión.',
      `Elija una nueva: sus últimas ${historyLength} contraseñas, incluida la actual, no se pueden volver a usar.`,
      'No hace falta esperar: si la cambia ahora, empieza un nuevo plazo y terminan estos recordatorios.',
    ],
    safetyTitle: 'Tenga en cuenta',
    safety: [
      'Este mensaje no tiene enlaces. Entre al portal como lo hace siempre.',
      'No comparta su contraseña. Nadie se la pedirá, ni por teléfono ni por correo.',
    ],
    helpTitle: '¿Necesita ayuda?',
    help: (phone) => `Llame al ${phone}.`,
  },
};

/**
 * The reminder that a password expires soon (spec.md 6): when, in the time zone of its reminder days, and what to do. The days left are
 * counted from `nowMs`, so a delayed email is correct. The password lifetime is not mentioned, because a setting can change it.
 */
export function passwordReminderEmail(
  rules: LetterRules,
  { recipient, timeZone, expiresAtMs, nowMs }: PasswordReminderContent,
): RenderedEmail {
  const { language } = recipient;
  const policy = rules.policies[recipient.portal];
  const portalName = policy.name[language];
  const text = texts[language];
  // An email rendered after expiry is discarded unsent, so any valid sentence will do.
  const left = text.left(Math.max(0, calendarDaysLeft(timeZone, expiresAtMs, nowMs)));
  const end = localTime(expiresAtMs, language, timeZone);
  return letterTo(rules, recipient, {
    subject: text.subject(portalName, left),
    title: text.title(left),
    blocks: [
      { kind: 'paragraph', text: text.ends(portalName, left, end) },
      { kind: 'notice', text: text.afterwards },
      { kind: 'heading', text: text.todoTitle },
      { kind: 'list', items: text.todo(policy.password.historyLength) },
      { kind: 'heading', text: text.safetyTitle },
      { kind: 'list', items: text.safety },
      { kind: 'heading', text: text.helpTitle },
      { kind: 'paragraph', text: text.help(helpPhone(language, policy)) },
    ],
  });
}
