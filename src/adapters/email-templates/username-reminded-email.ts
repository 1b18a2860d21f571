import type { UsernameRemindedContent } from '../../activities/ports';
import { portalPolicies, type Language } from '../../domain/portal';
import { helpPhone } from './common-texts';
import type { RenderedEmail } from './layout';
import { letterTo } from './letter-to';
import { localTime, type LocalTime } from './local-time';

interface UsernameRemindedTexts {
  subject(portalName: string): string;
  readonly title: string;
  reminded(portalName: string, at: LocalTime): string;
  readonly unchanged: string;
  readonly notYoursTitle: string;
  notYours(phone: string): string;
}

const texts: Readonly<Record<Language, UsernameRemindedTexts>> = {
  en: {
    subject: (portalName) => `${portalName}: your username was looked up`,
    title: 'Your username was looked up',
    reminded: (portalName, at) =>
      `Somebody who knew your name and details asked for the username of your ${portalName} account on ${at.date} at ${at.time}, and was shown it.`,
    unchanged:
      'Nothing else was shown, and your password is unchanged. If it was you, there is nothing more to do.',
    notYoursTitle: 'If it was not you',
    notYours: (phone) =>
      `Your account stays protected by your password. Please tell us all the same: ${phone}.`,
  },
  es: {
    subject: (portalName) => `${portalName}: se consultó su nombre de usuario`,
    title: 'Se consultó su nombre de usuario',
    reminded: (portalName, at) =>
      `Alguien que conocía su nombre y sus datos pidió el nombre de usuario de su cuenta del ${portalName} el ${at.date} a ${at.hour === 1 ? 'la' : 'las'} ${at.time}, y se le mostró.`,
    unchanged:
      'No se mostró nada más y su contraseña sigue igual. Si fue usted, no tiene que hacer nada más.',
    notYoursTitle: 'Si no fue usted',
    notYours: (phone) =>
      `Su contraseña sigue protegiendo su cuenta. De todos modos, le pedimos que nos avise: ${phone}.`,
  },
};

/** The notice that a forgotten username was shown to somebody who knew enough to ask for it (spec.md 5). */
export function usernameRemindedEmail({ recipient, remindedAtMs }: UsernameRemindedContent): RenderedEmail {
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
        text: text.reminded(portalName, localTime(remindedAtMs, language, policy.timeZone)),
      },
      { kind: 'paragraph', text: text.unchanged },
      { kind: 'heading', text: text.notYoursTitle },
      { kind: 'notice', text: text.notYours(helpPhone(language, policy)) },
    ],
  });
}
