import type { PlanChangeHeldContent } from '../../../ports/email-templates';
import type { StandingDefect } from '../../../domain/plan-change/agent-standing';
import type { Language } from '../../../domain/portal';
import type { LetterRules } from './common-texts';
import type { RenderedEmail } from './layout';
import { letterOfUnit } from './letter-to';
import { localTime, type LocalTime } from './local-time';

interface HeldTexts {
  readonly subject: string;
  readonly title: string;
}

interface PlanChangeHeldTexts {
  readonly first: HeldTexts;
  readonly again: HeldTexts;
  held(since: LocalTime): string;
  readonly lacks: Readonly<Record<StandingDefect, string>>;
  planChange(planChangeId: string): string;
  readonly todoTitle: string;
  todo(planChangeId: string): readonly string[];
}

const texts: Readonly<Record<Language, PlanChangeHeldTexts>> = {
  en: {
    first: { subject: 'a plan change is held', title: 'A plan change is held' },
    again: { subject: 'a plan change is still held', title: 'A plan change is still held' },
    held: (since) =>
      `A plan change has been held since ${since.date} at ${since.time}: it is a compliance case. It stays held until somebody resolves it, and until then the customer cannot change plans.`,
    lacks: {
      terminated: 'Whoever facilitates it is not active.',
      'not-licensed': 'Whoever facilitates it is not licensed in the customer’s state.',
      'not-appointed': 'Whoever facilitates it is not appointed.',
      'not-certified': 'Whoever facilitates it is not certified for the plan year.',
    },
    planChange: (planChangeId) => `Number of the plan change: ${planChangeId}`,
    todoTitle: 'What to do',
    todo: (planChangeId) => [
      'If the roster is wrong, have the right one imported and put in the same facilitator again.',
      'Otherwise have another facilitator put in, or have the change withdrawn.',
      `The requests: POST /v1/plan-changes/${planChangeId}/facilitator and POST /v1/plan-changes/${planChangeId}/withdraw`,
    ],
  },
  es: {
    first: { subject: 'un cambio de plan está retenido', title: 'Un cambio de plan está retenido' },
    again: { subject: 'un cambio de plan sigue retenido', title: 'Un cambio de plan sigue retenido' },
    held: (since) =>
      `Un cambio de plan está retenido desde el ${since.date} a ${since.hour === 1 ? 'la' : 'las'} ${since.time}: es un caso de cumplimiento. Sigue retenido hasta que alguien lo resuelva y, mientras tanto, el cliente no puede cambiar de plan.`,
    lacks: {
      terminated: 'Quien lo gestiona no está en activo.',
      'not-licensed': 'Quien lo gestiona no tiene licencia en el estado del cliente.',
      'not-appointed': 'Quien lo gestiona no tiene nombramiento.',
      'not-certified': 'Quien lo gestiona no tiene la certificación del año del plan.',
    },
    planChange: (planChangeId) => `Número del cambio de plan: ${planChangeId}`,
    todoTitle: 'Qué hacer',
    todo: (planChangeId) => [
      'Si la lista es incorrecta, pida que se importe la correcta e indique de nuevo a la misma persona.',
      'Si no, pida que se indique otra persona que lo gestione o que se retire el cambio.',
      `Las peticiones: POST /v1/plan-changes/${planChangeId}/facilitator y POST /v1/plan-changes/${planChangeId}/withdraw`,
    ],
  },
};

/** Notifies the unit's lead of a compliance case. It has only the change's number, not the customer (spec.md 7). */
export function planChangeHeldEmail(
  rules: LetterRules,
  { recipient, planChangeId, heldSinceMs, heldFor, again }: PlanChangeHeldContent,
): RenderedEmail {
  const { language } = recipient;
  const text = texts[language];
  const { subject, title } = text[again ? 'again' : 'first'];
  return letterOfUnit(rules, recipient, {
    subject,
    title,
    blocks: [
      {
        kind: 'paragraph',
        text: text.held(localTime(heldSinceMs, language, rules.planChangePolicy.unitHours.timeZone)),
      },
      { kind: 'paragraph', text: text.lacks[heldFor] },
      { kind: 'notice', text: text.planChange(planChangeId) },
      { kind: 'heading', text: text.todoTitle },
      { kind: 'list', items: text.todo(planChangeId) },
    ],
  });
}
