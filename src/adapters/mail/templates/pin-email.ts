import type { PinEmailContent } from '../../../ports/email-templates';
import type { Language } from '../../../domain/portal';
import { MINUTE_MS } from '../../../domain/time';
import { helpPhone, type LetterRules } from './common-texts';
import type { RenderedEmail } from './layout';
import { letterTo } from './letter-to';
import { localTime, type LocalTime } from './local-time';

interface PinTexts {
  subject(portalName: string): string;
  readonly title: string;
  purpose(portalName: string, digits: number): string;
  validFor(minutes: number, end: LocalTime): string;
  /** For a PIN delayed by an outage: the remaining whole minutes. */
  minutesLeft(minutes: number, end: LocalTime): string;
  readonly closedTitle: string;
  readonly closed: string;
  readonly safetyTitle: string;
  readonly safety: readonly string[];
  readonly helpTitle: string;
  help(phone: string): string;
}

const english: PinTexts = {
  subject: (portalName) => `${portalName}: your temporary PIN`,
  title: 'Your temporary PIN',
  purpose: (portalName, digits) =>
    `You asked to choose a new password or to see your user ID for the ${portalName}. Enter this ${digits}-digit PIN on the page that asks for it:`,
  validFor: (minutes, end) =>
    `The PIN is good for ${minutes} minutes from when it was made: until ${end.time} on ${end.day}.`,
  minutesLeft: (minutes, end) => {
    const left = { 0: 'less than 1 minute', 1: '1 minute' }[minutes] ?? `${minutes} minutes`;
    return `This message was delayed. When it was sent, ${left} remained: the PIN is good until ${end.time} on ${end.day}.`;
  },
  closedTitle: 'If you closed that page',
  closed:
    'Your PIN still works. Go back to the sign-in page, choose “Forgot password” or “Forgot user ID”, follow the steps, and enter this PIN.',
  safetyTitle: 'Please note',
  safety: [
    'If you asked more than once, only the newest PIN works.',
    'Keep the PIN to yourself. Nobody will ask you for it, by phone or in a message.',
    'If you did not ask for a PIN, ignore this message: your password stays as it is.',
  ],
  helpTitle: 'Need help?',
  help: (phone) => `Call ${phone}.`,
};

const spanish: PinTexts = {
  subject: (portalName) => `${portalName}: su PIN temporal`,
  title: 'Su PIN temporal',
  purpose: (portalName, digits) =>
    `Usted pidió elegir una nueva contraseña o ver su ID de usuario del ${portalName}. Escriba este PIN de ${digits} dígitos en la página que se lo pide:`,
  validFor: (minutes, end) =>
    `El PIN es válido durante ${minutes} minutos desde que se generó: hasta ${spanishTime(end)} del ${end.day}.`,
  minutesLeft: (minutes, end) => {
    const left =
      { 0: 'quedaba menos de 1 minuto', 1: 'quedaba 1 minuto' }[minutes] ?? `quedaban ${minutes} minutos`;
    return `Este mensaje se retrasó. Cuando se envió, ${left}: el PIN es válido hasta ${spanishTime(end)} del ${end.day}.`;
  },
  closedTitle: 'Si cerró esa página',
  closed:
    'Su PIN sigue siendo válido. Vuelva a la página de inicio de sesión, elija “Olvidé mi contraseña” u “Olvidé mi ID de usuario”, siga los pasos y escriba este PIN.',
  safetyTitle: 'Tenga en cuenta',
  safety: [
    'Si lo pidió más de una vez, solo funciona el PIN más reciente.',
    'No comparta el PIN. Nadie se lo pedirá, ni por teléfono ni en un mensaje.',
    'Si usted no pidió un PIN, ignore este mensaje: su contraseña no cambia.',
  ],
  helpTitle: '¿Necesita ayuda?',
  help: (phone) => `Llame al ${phone}.`,
};

const spanishTime = ({ hour, time }: LocalTime) => `${hour === 1 ? 'la' : 'las'} ${time}`;

const texts: Readonly<Record<Language, PinTexts>> = { en: english, es: spanish };

/** If it is sent later than this, the email says how many minutes are left instead of the PIN's full lifetime. */
const PROMPT_MS = MINUTE_MS;

/** The email with a temporary PIN (spec.md 4). The expiry is in the portal's time zone. */
export function pinEmail(
  rules: LetterRules,
  { recipient, pin, madeAtMs, expiresAtMs, nowMs }: PinEmailContent,
): RenderedEmail {
  const { language } = recipient;
  const policy = rules.policies[recipient.portal];
  const portalName = policy.name[language];
  const text = texts[language];
  const end = localTime(expiresAtMs, language, policy.timeZone);
  const wholeLifeMs = expiresAtMs - madeAtMs;
  const leftMs = Math.max(0, expiresAtMs - nowMs);
  const validity =
    leftMs > wholeLifeMs - PROMPT_MS
      ? text.validFor(Math.round(wholeLifeMs / MINUTE_MS), end)
      : text.minutesLeft(Math.floor(leftMs / MINUTE_MS), end);
  return letterTo(rules, recipient, {
    subject: text.subject(portalName),
    title: text.title,
    blocks: [
      { kind: 'paragraph', text: text.purpose(portalName, pin.length) },
      { kind: 'code', text: pin },
      { kind: 'paragraph', text: validity },
      { kind: 'heading', text: text.closedTitle },
      { kind: 'paragraph', text: text.closed },
      { kind: 'heading', text: text.safetyTitle },
      { kind: 'list', items: text.safety },
      { kind: 'heading', text: text.helpTitle },
      { kind: 'paragraph', text: text.help(helpPhone(language, policy)) },
    ],
  });
}
