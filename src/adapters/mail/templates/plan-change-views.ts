/** What the emails of the Dedicated Plan Change unit say. The sentences are those of `emails.<kind>` in the catalogs. */
import type {
  AgentOfRecordContent,
  AgentOfRecordCorrectedContent,
  AgentTerminatedContent,
  NamedPeriod,
  PlanChangeCompletedContent,
  PlanChangeCorrectedContent,
  PlanChangeHeldContent,
  PlanChangeWaitingContent,
} from '../../../ports/email-templates';
import type { AorDecision } from '../../../domain/plan-change/agent-of-record';
import { fromUnit, type LetterRules, type View } from './view';
import type { Words } from './words';

/** Tells a customer that the plan change is complete, and who is agent of record with the new plan (spec.md 7). */
export const planChangeCompleted = (
  { planName, effectiveOn, agentOfRecord: agent }: PlanChangeCompletedContent,
  words: Words,
  rules: LetterRules,
): View => ({
  ...fromUnit(words, words.text('emails.plan-change-completed.subject'), rules),
  title: words.text('emails.plan-change-completed.title'),
  planName,
  date: words.date(effectiveOn),
  agent: agent.kind,
  agentName: agent.kind === 'nobody' ? '' : agent.name,
});

type ReasonFor<Outcome extends AorDecision['outcome']> = Extract<
  AorDecision,
  { readonly outcome: Outcome }
>['reason'];

/** The published reasons that can lead to each change. */
interface Reasons {
  readonly kept: ReasonFor<'retained'>;
  readonly gained: ReasonFor<'transferred'>;
  readonly lost: ReasonFor<'transferred' | 'ended'>;
}

export const REASONS: { readonly [Change in keyof Reasons]: Readonly<Record<Reasons[Change], true>> } = {
  kept: {
    'unit-completed': true,
    'internal-agent-completed': true,
    'own-agent-applied': true,
    'facilitator-not-eligible': true,
  },
  gained: { 'external-agent-facilitated': true, 'call-center-facilitated': true },
  lost: {
    'external-agent-facilitated': true,
    'call-center-facilitated': true,
    'agent-terminated': true,
    'agent-not-licensed': true,
    'agent-not-appointed': true,
    'agent-not-certified': true,
  },
};

type WhyKey = {
  [Change in keyof Reasons]: `emails.agent-of-record.${Change}.reasons.${Reasons[Change]}`;
}[keyof Reasons];

/**
 * Tells an agent or agency whether they are agent of record with the customer's new plan, and why (spec.md 7). The customer is named
 * by number only. Throws for a reason that cannot lead to this change, which no decision has.
 */
export function agentOfRecord(
  { customerId, change, reason, effectiveOn }: AgentOfRecordContent,
  words: Words,
  rules: LetterRules,
): View {
  if (!Object.hasOwn(REASONS[change], reason))
    throw new Error(`agent of record ${change}: not for the reason ${reason}`);
  const date = words.date(effectiveOn);
  return {
    ...fromUnit(words, words.text(`emails.agent-of-record.${change}.subject`), rules),
    title: words.text(`emails.agent-of-record.${change}.title`),
    customerId,
    change,
    date,
    why: words.text(`emails.agent-of-record.${change}.reasons.${reason}` as WhyKey),
  };
}

/** Tells a customer that a completed plan change was corrected: what had been told, and what holds now (spec.md 7b). */
export function planChangeCorrected(
  { cause, planName, effectiveOn, plans, agents }: PlanChangeCorrectedContent,
  words: Words,
  rules: LetterRules,
): View {
  const what = cause === 'determined-again' ? cause : 'reversed';
  const listed = (periods: readonly NamedPeriod[], none: string): readonly string[] =>
    periods.map((period) => `${words.period(period)}: ${period.name ?? none}`);
  return {
    ...fromUnit(words, words.text(`emails.plan-change-corrected.${what}.subject`), rules),
    title: words.text(`emails.plan-change-corrected.${what}.title`),
    why: words.text(`emails.plan-change-corrected.why.${cause}`),
    planName,
    date: words.date(effectiveOn),
    plans: listed(plans, words.text('emails.plan-change-corrected.no-plan')),
    agents: listed(agents, words.text('emails.plan-change-corrected.nobody')),
  };
}

/**
 * Tells an agent or agency what a correction of a customer's plan change, or a later one in its place, means for them: what had been
 * told, and what holds now (spec.md 7b). The customer is named by number only.
 */
export function agentOfRecordCorrected(
  { customerId, cause, effectiveOn, told, now, from, days }: AgentOfRecordCorrectedContent,
  words: Words,
  rules: LetterRules,
): View {
  const date = words.date(effectiveOn);
  const became = cause === 'replaced' ? cause : 'corrected';
  return {
    ...fromUnit(words, words.text(`emails.agent-of-record-corrected.${became}.subject`), rules),
    title: words.text(`emails.agent-of-record-corrected.${became}.title`),
    why: words.text(`emails.agent-of-record-corrected.why.${cause}`, { customerId, date }),
    told: told === null ? null : words.text(`emails.agent-of-record-corrected.told.${told}`),
    now,
    from: words.date(from ?? effectiveOn),
    days: days.map((period) => words.period(period)),
  };
}

/** Notifies the unit's lead of an unclaimed plan change. It has only the change's number, not the customer (spec.md 7). */
export function planChangeWaiting(
  { planChangeId, waitingSinceMs, overdue }: PlanChangeWaitingContent,
  words: Words,
  rules: LetterRules,
): View {
  const state = overdue ? 'overdue' : 'late';
  return {
    ...fromUnit(words, words.text(`emails.plan-change-waiting.${state}.subject`), rules),
    ...words.at(waitingSinceMs, rules.planChangePolicy.unitHours.timeZone),
    title: words.text(`emails.plan-change-waiting.${state}.title`),
    planChangeId,
    isOverdue: overdue,
  };
}

/** Notifies the unit's lead of a compliance case. It has only the change's number, not the customer (spec.md 7). */
export function planChangeHeld(
  { planChangeId, heldSinceMs, heldFor, again }: PlanChangeHeldContent,
  words: Words,
  rules: LetterRules,
): View {
  const state = again ? 'again' : 'first';
  return {
    ...fromUnit(words, words.text(`emails.plan-change-held.${state}.subject`), rules),
    ...words.at(heldSinceMs, rules.planChangePolicy.unitHours.timeZone),
    title: words.text(`emails.plan-change-held.${state}.title`),
    planChangeId,
    lacks: words.text(`emails.plan-change-held.lacks.${heldFor}`),
  };
}

/** Tells compliance of a terminated agent and how many customers are concerned; the list has who they are. */
export const agentTerminated = (
  { agentNumber, lastDay, customers }: AgentTerminatedContent,
  words: Words,
  rules: LetterRules,
): View => ({
  ...fromUnit(words, words.text('emails.agent-terminated.subject', { agentNumber }), rules),
  title: words.text('emails.agent-terminated.title', { agentNumber }),
  agentNumber,
  agentInPath: encodeURIComponent(agentNumber),
  lastDay: words.date(lastDay),
  customers,
});
