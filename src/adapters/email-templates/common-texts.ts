import type { HelpLine, Language, PortalPolicy } from '../../domain/portal';
import { greetingName } from './plain-line';

interface CommonTexts {
  greeting(name: string | null): string;
  phone(helpLine: HelpLine): string;
  footer(portalName: string, helpLine: HelpLine): readonly string[];
}

const texts: Readonly<Record<Language, CommonTexts>> = {
  en: {
    greeting: (name) => (name === null ? 'Hello,' : `Hello ${name},`),
    phone: ({ phone, hours }) => `${phone} (${hours.en})`,
    footer: (portalName, { phone }) => [
      `This message from the ${portalName} comes from a mailbox that nobody reads. Please do not reply to it.`,
      `Confidential: this message is meant only for the person it is addressed to. If it came to you by mistake, please tell us at ${phone} and delete it.`,
    ],
  },
  es: {
    greeting: (name) => (name === null ? 'Hola:' : `Hola, ${name}:`),
    phone: ({ phone, hours }) => `${phone} (${hours.es})`,
    footer: (portalName, { phone }) => [
      `Este mensaje del ${portalName} viene de un buzón que nadie revisa. Por favor, no lo conteste.`,
      `Confidencial: este mensaje es solo para la persona a quien va dirigido. Si lo recibió por error, avísenos al ${phone} y bórrelo.`,
    ],
  },
};

/** The first line of every email: by first name, or without a name that is better not shown. */
export const greeting = (language: Language, firstName: string): string =>
  texts[language].greeting(greetingName(firstName));

/** The number that emails name, with its hours. */
export const helpPhone = (language: Language, policy: PortalPolicy): string =>
  texts[language].phone(policy.emailHelpLine);

/** The notes under every email: the mailbox is not read, the content is confidential. */
export const footer = (language: Language, policy: PortalPolicy): readonly string[] =>
  texts[language].footer(policy.name[language], policy.emailHelpLine);
