import type { AddressChangedContent } from '../../../ports/email-templates';
import type { Language } from '../../../domain/portal';
import { accountNotice, type AccountNoticeText } from './account-notice';
import type { LetterRules } from './common-texts';
import type { RenderedEmail } from './layout';

const texts: Readonly<Record<Language, AccountNoticeText>> = {
  en: {
    subject: (portalName) => `${portalName}: your email address was changed`,
    title: 'Your email address was changed',
    happened: (portalName, at) =>
      `On ${at.date} at ${at.time} your ${portalName} account was given another email address.`,
    details: 'From now on, messages about the account go to the new address.',
    callTitle: 'If you did not ask for this',
    call: (phone) => `Somebody else may get access to your account. Call us right away: ${phone}.`,
  },
  es: {
    subject: (portalName) => `${portalName}: se cambió su dirección de correo`,
    title: 'Se cambió su dirección de correo',
    happened: (portalName, at) =>
      `El ${at.date} a ${at.hour === 1 ? 'la' : 'las'} ${at.time} se registró otra dirección de correo para su cuenta del ${portalName}.`,
    details: 'De ahora en adelante, los mensajes sobre la cuenta se envían a la dirección nueva.',
    callTitle: 'Si usted no lo pidió',
    call: (phone) =>
      `Es posible que otra persona obtenga acceso a su cuenta. Llámenos de inmediato al ${phone}.`,
  },
};

/** The notice to the address that an account had before (docs/spec.md 1). It does not reveal the new one. */
export const addressChangedEmail = (
  rules: LetterRules,
  { recipient, changedAtMs }: AddressChangedContent,
): RenderedEmail => accountNotice(rules, recipient, changedAtMs, texts[recipient.language]);
