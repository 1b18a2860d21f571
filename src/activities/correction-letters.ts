/** The emails about a correction: what had been told, and what holds now. */
import { correctionOf } from '../contracts/notice';
import type { EffectiveDates } from '../domain/plan-change/agent-standing';
import { concernedAgents } from '../domain/plan-change/concerned-agents';
import type { AorCorrections, CorrectionForMail } from '../ports/aor-correction';
import type { EmailTemplates } from '../ports/email-templates';
import type { Letter } from './mail-delivery';

export interface CorrectionLettersDeps {
  readonly aorCorrections: Pick<AorCorrections, 'findForMail'>;
  readonly templates: Pick<EmailTemplates, 'planChangeCorrected' | 'agentOfRecordCorrected'>;
}

/** To the customer, or to the agent named in the email's id. */
export async function correctionLetter(
  { aorCorrections, templates }: CorrectionLettersDeps,
  messageId: string,
): Promise<Letter | 'no-longer-true'> {
  const { correctionId, agentKey } = correctionOf(messageId)!;
  const correction = await aorCorrections.findForMail(correctionId);
  if (correction === null) return 'no-longer-true';
  return agentKey === null ? toCustomer(templates, correction) : toAgent(templates, correction, agentKey);
}

function toCustomer(
  templates: CorrectionLettersDeps['templates'],
  { customer: recipient, cause, planName, effectiveOn, after, planNames, agents }: CorrectionForMail,
): Letter | 'no-longer-true' {
  // The email about the completed change tells the customer.
  if (cause === 'replaced') return 'no-longer-true';
  const plans = periodsFrom(effectiveOn, after.enrolments).map(({ planId, ...dates }) => ({
    ...dates,
    name: planId === null ? null : (planNames.get(planId) ?? null),
  }));
  const named = periodsFrom(effectiveOn, after.agentsOfRecord).map(({ agentKey, ...dates }) => ({
    ...dates,
    name: agentKey === null ? null : (agents.get(agentKey)?.name ?? null),
  }));
  const content = { recipient, cause, planName, effectiveOn, plans, agents: named };
  return { recipient, content: templates.planChangeCorrected(content) };
}

function toAgent(
  templates: CorrectionLettersDeps['templates'],
  { customerId, cause, effectiveOn, before, after, agents }: CorrectionForMail,
  agentKey: string,
): Letter | 'no-longer-true' {
  const recipient = agents.get(agentKey);
  const concerned = concernedAgents(before, after).find((agent) => agent.agentKey === agentKey);
  if (recipient === undefined || concerned === undefined) return 'no-longer-true';
  const { told, now, from } = concerned;
  const days = after.agentsOfRecord.filter((period) => period.agentKey === agentKey);
  const content = { recipient, customerId, cause, effectiveOn, told, now, from, days };
  return { recipient, content: templates.agentOfRecordCorrected(content) };
}

/** The periods that go on at `day` or begin later: the first one from that day on. */
const periodsFrom = <T extends EffectiveDates>(day: string, periods: readonly T[]): readonly T[] =>
  periods
    .filter(({ to }) => to === null || to >= day)
    .map((period) => (period.from < day ? { ...period, from: day } : period));
