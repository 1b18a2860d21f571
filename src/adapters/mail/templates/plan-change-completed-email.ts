import type { PlanChangeCompletedContent } from '../../../ports/email-templates';
import type { Language } from '../../../domain/portal';
import type { LetterRules } from './common-texts';
import type { RenderedEmail } from './layout';
import { letterOfUnit } from './letter-to';
import { calendarDate } from './local-time';

/** Texts never put a name right before a full stop, because many firms' names end with one. */
interface PlanChangeCompletedTexts {
  readonly subject: string;
  readonly title: string;
  completed(planName: string, date: string): string;
  readonly agentTitle: string;
  agentStays(name: string): string;
  agentIsNew(name: string, date: string): string;
  nobody(date: string, line: string): string;
  readonly notYoursTitle: string;
  notYours(line: string): string;
}

const texts: Readonly<Record<Language, PlanChangeCompletedTexts>> = {
  en: {
    subject: 'your plan change is complete',
    title: 'Your plan change is complete',
    completed: (planName, date) =>
      `The plan change you asked for is complete. Your new plan, ${planName}, starts on ${date}.`,
    agentTitle: 'Your agent of record',
    agentStays: (name) => `${name} is still your agent of record and looks after your plan as before.`,
    agentIsNew: (name, date) =>
      `From ${date} on, ${name} is your new agent of record and looks after your plan.`,
    nobody: (date, line) =>
      `From ${date} on, you have no agent of record: no agent looks after your plan. If you have any question, please call the Dedicated Plan Change line: ${line}.`,
    notYoursTitle: 'If you did not ask for this',
    notYours: (line) => `Please call the Dedicated Plan Change line right away: ${line}.`,
  },
  es: {
    subject: 'se completó su cambio de plan',
    title: 'Se completó su cambio de plan',
    completed: (planName, date) =>
      `El cambio de plan que usted pidió ya está hecho. Su nuevo plan, ${planName}, comienza el ${date}.`,
    agentTitle: 'Su agente de registro',
    agentStays: (name) =>
      `${name} sigue siendo su agente de registro y se encarga de su plan como hasta ahora.`,
    agentIsNew: (name, date) =>
      `A partir del ${date}, ${name} pasa a ser su agente de registro y se encarga de su plan.`,
    nobody: (date, line) =>
      `A partir del ${date}, usted no tiene agente de registro: ningún agente se encarga de su plan. Si tiene alguna pregunta, llame a la línea exclusiva para cambios de plan: ${line}.`,
    notYoursTitle: 'Si usted no pidió este cambio',
    notYours: (line) => `Por favor, llame de inmediato a la línea exclusiva para cambios de plan: ${line}.`,
  },
};

/** Tells a customer that the plan change is complete, and who is agent of record with the new plan (spec.md 7). */
export function planChangeCompletedEmail(
  rules: LetterRules,
  { recipient, planName, effectiveOn, agentOfRecord }: PlanChangeCompletedContent,
): RenderedEmail {
  const { language } = recipient;
  const text = texts[language];
  const date = calendarDate(effectiveOn, language);
  return letterOfUnit(rules, recipient, {
    subject: text.subject,
    title: text.title,
    blocks: [
      { kind: 'paragraph', text: text.completed(planName, date) },
      { kind: 'heading', text: text.agentTitle },
      { kind: 'paragraph', text: whoIsAgent(text, agentOfRecord, date, rules.planChangeLine) },
      { kind: 'heading', text: text.notYoursTitle },
      { kind: 'notice', text: text.notYours(rules.planChangeLine) },
    ],
  });
}

function whoIsAgent(
  text: PlanChangeCompletedTexts,
  agent: PlanChangeCompletedContent['agentOfRecord'],
  date: string,
  planChangeLine: string,
): string {
  switch (agent.kind) {
    case 'stays':
      return text.agentStays(agent.name);
    case 'is-new':
      return text.agentIsNew(agent.name, date);
    case 'nobody':
      return text.nobody(date, planChangeLine);
  }
}
