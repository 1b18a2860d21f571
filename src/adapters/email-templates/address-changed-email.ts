import type { AddressChangedContent } from '../../activities/ports';
import { portalPolicies, type Language } from '../../domain/portal';
import { helpPhone } from './common-texts';
import type { RenderedEmail } from './layout';
import { letterTo } from './letter-to';
import { localTime, type LocalTime } from './local-time';

interface AddressChangedTexts {
  subject(portalName: string): string;
  readonly title: string;
  changed(portalName: string, at: LocalTime): string;
  readonly fromNowOn: string;
  readonly notYoursTitle: string;
  notYours(phone: string): string;
}

const texts: Readonly<Record<Language, AddressChangedTexts>> = {
  en: {
    subject: (portalName) => `${portalName}: your email address was changed`,
    title: 'Your email address was changed',
    changed: (portalName, at) =>
      `On ${at.date} at ${at.time} your ${portalName} account was given another email address.`,
    fromNowOn: 'From now on, messages about the account go to the new address.',
    notYoursTitle: 'If you did not ask for this',
    notYours: (phone) => `Somebody else may get access to your account. Call us right away: ${phone}.`,
  },
  es: {
    subject: (portalName) => `${portalName}: se cambió su dirección de correo`,
    title: 'Se cambió su dirección de correo',
    changed: (portalName, at) =>
      `El ${at.date} a ${at.hour === 1 ? 'la' : 'las'} ${at.time} se registró otra dirección de correo para su cuenta del ${portalName}.`,
    fromNowOn: 'De ahora en adelante, los mensajes sobre la cuenta se envían a la dirección nueva.',
    notYoursTitle: 'Si usted no lo pidió',
    notYours: (phone) =>
      `Es posible que otra persona obtenga acceso a su cuenta. Llámenos de inmediato al ${phone}.`,
  },
};

/** The notice to the address that an account had before (docs/spec.md 1). It does not tell the new one. */
export function addressChangedEmail({ recipient, changedAtMs }: AddressChangedContent): RenderedEmail {
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
      { kind: 'paragraph', text: text.fromNowOn },
      { kind: 'heading', text: text.notYoursTitle },
      { kind: 'notice', text: text.notYours(helpPhone(language, policy)) },
    ],
  });
}
