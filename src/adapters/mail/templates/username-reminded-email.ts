import type { UsernameRemindedContent } from '../../../ports/email-templates';
import type { Language } from '../../../domain/portal';
import { accountNotice, type AccountNoticeText } from './account-notice';
import type { LetterRules } from './common-texts';
import type { RenderedEmail } from './layout';

const texts: Readonly<Record<Language, AccountNoticeText>> = {
  en: {
    subject: (portalName) => `${portalName}: your username was looked up`,
    title: 'Your username was looked up',
    happened: (portalName, at) =>
      `Somebody who knew your name and details asked for the username of your ${portalName} account on ${at.date} at ${at.time}, and was shown it.`,
    details:
      'Nothing else was shown, and your password is unchanged. If it was you, there is nothing more to do.',
    callTitle: 'If it was not you',
    call: (phone) => `Your account stays protected by your password. Please tell us all the same: ${phone}.`,
  },
  es: {
    subject: (portalName) => `${portalName}: se consultó su nombre de usuario`,
    title: 'Se consultó su nombre de usuario',
    happened: (portalName, at) =>
      `Alguien que conocía su nombre y sus datos pidió el nombre de usuario de su cuenta del ${portalName} el ${at.date} a ${at.hour === 1 ? 'la' : 'las'} ${at.time}, y se le mostró.`,
    details: 'No se mostró nada más y su contraseña sigue igual. Si fue usted, no tiene que hacer nada más.',
    callTitle: 'Si no fue usted',
    call: (phone) =>
      `Su contraseña sigue protegiendo su cuenta. De todos modos, le pedimos que nos avise: ${phone}.`,
  },
};

/** The notice that somebody with the right details looked up a forgotten username (spec.md 5). */
export const usernameRemindedEmail = (
  rules: LetterRules,
  { recipient, remindedAtMs }: UsernameRemindedContent,
): RenderedEmail => accountNotice(rules, recipient, remindedAtMs, texts[recipient.language]);
