import type { PlanChangePolicy } from '../../../domain/plan-change/deadlines';
import type { HelpLine, Language, PortalPolicies, PortalPolicy } from '../../../domain/portal';
import { greetingName } from './plain-line';

/** The rules that emails name. */
export interface LetterRules {
  readonly policies: PortalPolicies;
  readonly planChangePolicy: PlanChangePolicy;
  readonly planChangeLine: string;
}

interface CommonTexts {
  greeting(name: string | null): string;
  phone(helpLine: HelpLine): string;
  fromPortal(portalName: string): string;
  fromUnit(unitName: string): string;
  footer(from: string, phone: string): readonly string[];
}

const texts: Readonly<Record<Language, CommonTexts>> = {
  en: {
    greeting: (name) => (name === null ? 'Hello,' : `Hello ${name},`),
    phone: ({ phone, hours }) => `${phone} (${hours.en})`,
    fromPortal: (portalName) => `from the ${portalName}`,
    fromUnit: (unit) => `from ${unit}`,
    footer: (from, phone) => [
      `This message ${from} comes from a mailbox that nobody reads. Please do not reply to it.`,
      `Confidential: this message is meant only for the person it is addressed to. If it came to you by mistake, please tell us at ${phone} and delete it.`,
    ],
  },
  es: {
    greeting: (name) => (name === null ? 'Hola:' : `Hola, ${name}:`),
    phone: ({ phone, hours }) => `${phone} (${hours.es})`,
    fromPortal: (portalName) => `del ${portalName}`,
    fromUnit: (unit) => `de ${unit}`,
    footer: (from, phone) => [
      `Este mensaje ${from} viene de un buzón que nadie revisa. Por favor, no lo conteste.`,
      `Confidencial: este mensaje es solo para la persona a quien va dirigido. Si lo recibió por error, avísenos al ${phone} y bórrelo.`,
    ],
  },
};

/** The Dedicated Plan Change unit's signature in emails (spec.md 7). */
export const unitName: Readonly<Record<Language, string>> = {
  en: 'Plan Change Services',
  es: 'Servicios de cambio de plan',
};

/** The first line of every email: with the first name, or without a name if it should not be shown. */
export const greeting = (language: Language, firstName: string): string =>
  texts[language].greeting(greetingName(firstName));

/** The phone number in emails, with its hours. */
export const helpPhone = (language: Language, policy: PortalPolicy): string =>
  texts[language].phone(policy.emailHelpLine);

/** The footer of every email of a portal: the mailbox is not read, the content is confidential. */
export const footer = (language: Language, policy: PortalPolicy): readonly string[] =>
  texts[language].footer(texts[language].fromPortal(policy.name[language]), policy.emailHelpLine.phone);

/** The footer of the Dedicated Plan Change unit's emails, with its own number. */
export const unitFooter = (language: Language, { planChangeLine }: LetterRules): readonly string[] =>
  texts[language].footer(texts[language].fromUnit(unitName[language]), planChangeLine);
