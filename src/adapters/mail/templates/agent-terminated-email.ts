import type { AgentTerminatedContent } from '../../../ports/email-templates';
import type { Language } from '../../../domain/portal';
import type { LetterRules } from './common-texts';
import type { RenderedEmail } from './layout';
import { letterOfUnit } from './letter-to';
import { calendarDate } from './local-time';

interface AgentTerminatedTexts {
  subject(agentNumber: string): string;
  title(agentNumber: string): string;
  ended(lastDay: string): string;
  customers(count: number): string;
  readonly unchanged: string;
  list(agentNumber: string): string;
}

const texts: Readonly<Record<Language, AgentTerminatedTexts>> = {
  en: {
    subject: (agentNumber) => `agent ${agentNumber} was terminated`,
    title: (agentNumber) => `Agent ${agentNumber} was terminated`,
    ended: (lastDay) =>
      `According to the agents roster, the last day was ${lastDay}. For a corporation it may be the last day of its principal.`,
    customers: (count) => `Customers with this agent of record: ${count}`,
    unchanged:
      'By this alone no customer’s agent of record changes. It is decided at the customer’s next plan change.',
    list: (agentNumber) => `The list of the customers: GET /v1/agents/${agentNumber}/customers`,
  },
  es: {
    subject: (agentNumber) => `el agente ${agentNumber} fue dado de baja`,
    title: (agentNumber) => `El agente ${agentNumber} fue dado de baja`,
    ended: (lastDay) =>
      `Según la lista de agentes, el último día fue el ${lastDay}. En el caso de una sociedad, puede ser el último día de su responsable.`,
    customers: (count) => `Clientes con este agente registrado: ${count}`,
    unchanged:
      'Esto por sí solo no cambia el agente registrado de ningún cliente. Se decide en el próximo cambio de plan del cliente.',
    list: (agentNumber) => `La lista de los clientes: GET /v1/agents/${agentNumber}/customers`,
  },
};

/** Tells compliance of a terminated agent and how many customers are concerned; the list has who they are. */
export function agentTerminatedEmail(
  rules: LetterRules,
  { recipient, agentNumber, lastDay, customers }: AgentTerminatedContent,
): RenderedEmail {
  const { language } = recipient;
  const text = texts[language];
  return letterOfUnit(rules, recipient, {
    subject: text.subject(agentNumber),
    title: text.title(agentNumber),
    blocks: [
      { kind: 'paragraph', text: text.ended(calendarDate(lastDay, language)) },
      { kind: 'notice', text: text.customers(customers) },
      { kind: 'paragraph', text: text.unchanged },
      { kind: 'paragraph', text: text.list(encodeURIComponent(agentNumber)) },
    ],
  });
}
