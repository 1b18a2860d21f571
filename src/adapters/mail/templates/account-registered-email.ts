import type { AccountRegisteredContent } from '../../../ports/email-templates';
import type { Language } from '../../../domain/portal';
import { accountNotice, type AccountNoticeText } from './account-notice';
import { helpPhone, type LetterRules } from './common-texts';
import type { RenderedEmail } from './layout';
import type { LocalTime } from './local-time';

interface AccountRegisteredText extends Omit<AccountNoticeText, 'happened'> {
  registered(portalName: string, agentNumber: string, at: LocalTime): string;
}

const texts: Readonly<Record<Language, AccountRegisteredText>> = {
  en: {
    subject: (portalName) => `${portalName}: an account was registered under your writing number`,
    title: 'An account was registered',
    registered: (portalName, agentNumber, at) =>
      `An account of the ${portalName} was registered under the writing number ${agentNumber} on ${at.date} at ${at.time}.`,
    details:
      'We write to the address that we have on record for this number, whichever address the account was given.',
    callTitle: 'If it was not you',
    call: (phone) => `Somebody else may be using your number. Call us right away: ${phone}.`,
  },
  es: {
    subject: (portalName) => `${portalName}: se registró una cuenta con su número de agente`,
    title: 'Se registró una cuenta',
    registered: (portalName, agentNumber, at) =>
      `Se registró una cuenta del ${portalName} con el número de agente ${agentNumber} el ${at.date} a ${at.hour === 1 ? 'la' : 'las'} ${at.time}.`,
    details:
      'Escribimos a la dirección que tenemos registrada para este número, sea cual sea la dirección que se dio para la cuenta.',
    callTitle: 'Si no fue usted',
    call: (phone) => `Es posible que otra persona use su número. Llámenos de inmediato al ${phone}.`,
  },
};

/**
 * The notice that an account was registered under an agent's number (spec.md 2). The registrant chose the account's language
 * and may be a stranger, so the instructions are in every language of the portal.
 */
export function accountRegisteredEmail(
  rules: LetterRules,
  { recipient, agentNumber, registeredAtMs }: AccountRegisteredContent,
): RenderedEmail {
  const { registered, ...text } = texts[recipient.language];
  const policy = rules.policies[recipient.portal];
  const others = policy.languages.filter((other) => other !== recipient.language);
  return accountNotice(
    rules,
    recipient,
    registeredAtMs,
    { ...text, happened: (portalName, at) => registered(portalName, agentNumber, at) },
    others.map((other) => ({
      kind: 'notice',
      text: `${texts[other].title}. ${texts[other].callTitle}: ${texts[other].call(helpPhone(other, policy))}`,
    })),
  );
}
