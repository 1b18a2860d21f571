import type { PlanChangeWaitingContent } from '../../../ports/email-templates';
import type { Language } from '../../../domain/portal';
import type { LetterRules } from './common-texts';
import type { RenderedEmail } from './layout';
import { letterOfUnit } from './letter-to';
import { localTime, type LocalTime } from './local-time';

interface WaitingTexts {
  readonly subject: string;
  readonly title: string;
  waiting(since: LocalTime): string;
}

interface PlanChangeWaitingTexts {
  readonly late: WaitingTexts;
  readonly overdue: WaitingTexts;
  planChange(planChangeId: string): string;
  readonly todoTitle: string;
  todo(planChangeId: string): readonly string[];
}

const texts: Readonly<Record<Language, PlanChangeWaitingTexts>> = {
  en: {
    late: {
      subject: 'a plan change is waiting',
      title: 'A plan change is waiting',
      waiting: (since) =>
        `A plan change has been waiting since ${since.date} at ${since.time}, and nobody has taken it.`,
    },
    overdue: {
      subject: 'a plan change has been waiting for far too long',
      title: 'A plan change has been waiting for far too long',
      waiting: (since) =>
        `A plan change has been waiting for far too long, since ${since.date} at ${since.time}, and nobody has taken it.`,
    },
    planChange: (planChangeId) => `Number of the plan change: ${planChangeId}`,
    todoTitle: 'What to do',
    todo: (planChangeId) => [
      'Please have a representative of the unit take it.',
      `The request that takes it: POST /v1/plan-changes/${planChangeId}/claim`,
    ],
  },
  es: {
    late: {
      subject: 'un cambio de plan está en espera',
      title: 'Un cambio de plan está en espera',
      waiting: (since) =>
        `Un cambio de plan está en espera desde el ${since.date} a ${since.hour === 1 ? 'la' : 'las'} ${since.time} y nadie lo ha tomado.`,
    },
    overdue: {
      subject: 'un cambio de plan lleva demasiado tiempo en espera',
      title: 'Un cambio de plan lleva demasiado tiempo en espera',
      waiting: (since) =>
        `Un cambio de plan lleva demasiado tiempo en espera, desde el ${since.date} a ${since.hour === 1 ? 'la' : 'las'} ${since.time}, y nadie lo ha tomado.`,
    },
    planChange: (planChangeId) => `Número del cambio de plan: ${planChangeId}`,
    todoTitle: 'Qué hacer',
    todo: (planChangeId) => [
      'Por favor, pida a un representante de la unidad que lo tome.',
      `La petición con la que se toma: POST /v1/plan-changes/${planChangeId}/claim`,
    ],
  },
};

/** Notifies the unit's lead of an unclaimed plan change. It has only the change's number, not the customer (spec.md 7). */
export function planChangeWaitingEmail(
  rules: LetterRules,
  { recipient, planChangeId, waitingSinceMs, overdue }: PlanChangeWaitingContent,
): RenderedEmail {
  const { language } = recipient;
  const text = texts[language];
  const { subject, title, waiting } = text[overdue ? 'overdue' : 'late'];
  return letterOfUnit(rules, recipient, {
    subject,
    title,
    blocks: [
      {
        kind: 'paragraph',
        text: waiting(localTime(waitingSinceMs, language, rules.planChangePolicy.unitHours.timeZone)),
      },
      { kind: 'notice', text: text.planChange(planChangeId) },
      { kind: 'heading', text: text.todoTitle },
      { kind: 'list', items: text.todo(planChangeId) },
    ],
  });
}
