import type { AccountRegisteredContent } from '../../activities/ports';
import { portalPolicies, type Language } from '../../domain/portal';
import { helpPhone } from './common-texts';
import type { RenderedEmail } from './layout';
import { letterTo } from './letter-to';
import { localTime, type LocalTime } from './local-time';

interface AccountRegisteredTexts {
  subject(portalName: string): string;
  readonly title: string;
  registered(portalName: string, agentNumber: string, at: LocalTime): string;
  readonly why: string;
  readonly notYoursTitle: string;
  notYours(phone: string): string;
}

const texts: Readonly<Record<Language, AccountRegisteredTexts>> = {
  en: {
    subject: (portalName) => `${portalName}: an account was registered under your writing number`,
    title: 'An account was registered',
    registered: (portalName, agentNumber, at) =>
      `An account of the ${portalName} was registered under the writing number ${agentNumber} on ${at.date} at ${at.time}.`,
    why: 'We write to the address that we have on record for this number, whichever address the account was given.',
    notYoursTitle: 'If it was not you',
    notYours: (phone) => `Somebody else may be using your number. Call us right away: ${phone}.`,
  },
  es: {
    subject: (portalName) => `${portalName}: se registró una cuenta con su número de agente`,
    title: 'Se registró una cuenta',
    registered: (portalName, agentNumber, at) =>
      `Se registró una cuenta del ${portalName} con el número de agente ${agentNumber} el ${at.date} a ${at.hour === 1 ? 'la' : 'las'} ${at.time}.`,
    why: 'Escribimos a la dirección que tenemos registrada para este número, sea cual sea la dirección que se dio para la cuenta.',
    notYoursTitle: 'Si no fue usted',
    notYours: (phone) => `Es posible que otra persona use su número. Llámenos de inmediato al ${phone}.`,
  },
};

/**
 * The notice that an account was registered under an agent's number (spec.md 2). The account's language is the choice of whoever
 * registered, who may be a stranger to the reader: what to do then stands there in every language of the portal.
 */
export function accountRegisteredEmail({
  recipient,
  agentNumber,
  registeredAtMs,
}: AccountRegisteredContent): RenderedEmail {
  const { language } = recipient;
  const policy = portalPolicies[recipient.portal];
  const portalName = policy.name[language];
  const text = texts[language];
  const others = policy.languages.filter((other) => other !== language);
  return letterTo(recipient, {
    subject: text.subject(portalName),
    title: text.title,
    blocks: [
      {
        kind: 'paragraph',
        text: text.registered(portalName, agentNumber, localTime(registeredAtMs, language, policy.timeZone)),
      },
      { kind: 'paragraph', text: text.why },
      { kind: 'heading', text: text.notYoursTitle },
      { kind: 'notice', text: text.notYours(helpPhone(language, policy)) },
      ...others.map((other) => ({
        kind: 'notice' as const,
        text: `${texts[other].title}. ${texts[other].notYoursTitle}: ${texts[other].notYours(helpPhone(other, policy))}`,
      })),
    ],
  });
}
