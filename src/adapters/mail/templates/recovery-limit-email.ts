import type { RecoveryLimitContent } from '../../../ports/email-templates';
import type { Language } from '../../../domain/portal';
import { accountNotice, type AccountNoticeText } from './account-notice';
import type { LetterRules } from './common-texts';
import type { RenderedEmail } from './layout';

const texts: Readonly<Record<Language, AccountNoticeText>> = {
  en: {
    subject: (portalName) => `${portalName}: no tries are left to reset your password`,
    title: 'No tries are left to reset your password',
    happened: (portalName, at) =>
      `Somebody tried to reset the password of your ${portalName} account. On ${at.date} at ${at.time} the last of the tries was wrong, so it cannot be reset for a while.`,
    details: 'Your password is unchanged, and you can sign in with it as always.',
    callTitle: 'If it was not you, or you need a new password now',
    call: (phone) => `Call us: ${phone}. When we know that it is you, we can let you try again right away.`,
  },
  es: {
    subject: (portalName) => `${portalName}: no quedan intentos para restablecer su contraseña`,
    title: 'No quedan intentos para restablecer su contraseña',
    happened: (portalName, at) =>
      `Alguien intentó restablecer la contraseña de su cuenta del ${portalName}. El ${at.date} a ${at.hour === 1 ? 'la' : 'las'} ${at.time} falló el último intento, así que por un tiempo no se puede restablecer.`,
    details: 'Su contraseña sigue igual y puede iniciar sesión con ella como siempre.',
    callTitle: 'Si no fue usted, o necesita una contraseña nueva ahora',
    call: (phone) =>
      `Llámenos: ${phone}. Cuando sepamos que es usted, podemos permitirle intentarlo de nuevo de inmediato.`,
  },
};

/** The notice that the tries of a password reset are used up: when, what still works, and who can help. */
export const recoveryLimitEmail = (
  rules: LetterRules,
  { recipient, reachedAtMs }: RecoveryLimitContent,
): RenderedEmail => accountNotice(rules, recipient, reachedAtMs, texts[recipient.language]);
