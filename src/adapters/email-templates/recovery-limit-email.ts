import type { RecoveryLimitContent } from '../../activities/ports';
import { portalPolicies, type Language } from '../../domain/portal';
import { helpPhone } from './common-texts';
import type { RenderedEmail } from './layout';
import { letterTo } from './letter-to';
import { localTime, type LocalTime } from './local-time';

interface RecoveryLimitTexts {
  subject(portalName: string): string;
  readonly title: string;
  reached(portalName: string, at: LocalTime): string;
  readonly unchanged: string;
  readonly helpTitle: string;
  help(phone: string): string;
}

const texts: Readonly<Record<Language, RecoveryLimitTexts>> = {
  en: {
    subject: (portalName) => `${portalName}: no tries are left to reset your password`,
    title: 'No tries are left to reset your password',
    reached: (portalName, at) =>
      `Somebody tried to reset the password of your ${portalName} account. On ${at.date} at ${at.time} the last of the tries was wrong, so it cannot be reset for a while.`,
    unchanged: 'Your password is unchanged, and you can sign in with it as always.',
    helpTitle: 'If it was not you, or you need a new password now',
    help: (phone) => `Call us: ${phone}. When we know that it is you, we can let you try again right away.`,
  },
  es: {
    subject: (portalName) => `${portalName}: no quedan intentos para restablecer su contraseña`,
    title: 'No quedan intentos para restablecer su contraseña',
    reached: (portalName, at) =>
      `Alguien intentó restablecer la contraseña de su cuenta del ${portalName}. El ${at.date} a ${at.hour === 1 ? 'la' : 'las'} ${at.time} falló el último intento, así que por un tiempo no se puede restablecer.`,
    unchanged: 'Su contraseña sigue igual y puede iniciar sesión con ella como siempre.',
    helpTitle: 'Si no fue usted, o necesita una contraseña nueva ahora',
    help: (phone) =>
      `Llámenos: ${phone}. Cuando sepamos que es usted, podemos permitirle intentarlo de nuevo de inmediato.`,
  },
};

/** The notice that the tries of a password reset are used up: when, what still works, and who helps. */
export function recoveryLimitEmail({ recipient, reachedAtMs }: RecoveryLimitContent): RenderedEmail {
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
        text: text.reached(portalName, localTime(reachedAtMs, language, policy.timeZone)),
      },
      { kind: 'paragraph', text: text.unchanged },
      { kind: 'heading', text: text.helpTitle },
      { kind: 'notice', text: text.help(helpPhone(language, policy)) },
    ],
  });
}
