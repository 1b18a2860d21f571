/**
 * Which plan change can be taken in and completed (spec.md 7): only for customers with an active Medicare Advantage enrolment, only
 * to a plan offered in their state on the effective date, which is the first of a month, from today to the end of next year.
 * A date requested at intake is checked against the day of intake, so that time in the queue does not invalidate it.
 * Days are calendar days, `YYYY-MM-DD`.
 */
import { holdsOn, type EffectiveDates } from './agent-standing';
import type { PlanChangeChannel } from './routing';
import { planChangeRouting } from './routing';

/** The published list of reasons for `not_eligible`. */
export const INELIGIBILITIES = [
  'no-active-enrolment',
  'effective-date-past',
  'effective-date-not-first-of-month',
  'effective-date-too-far',
  'later-change-recorded',
  'same-plan',
  'plan-not-offered',
  'facilitator-does-not-fit',
] as const;
export type Ineligibility = (typeof INELIGIBILITIES)[number];

export interface EnrolmentOnRecord extends EffectiveDates {
  readonly planId: string;
  readonly planType: string;
}

export interface PlanOffer {
  readonly planId: string;
  readonly name: string;
  readonly type: string;
  readonly states: readonly string[];
  readonly offeredFrom: string;
  /** The last day; null if there is none. */
  readonly offeredTo: string | null;
}

export interface CustomerOnRecord {
  readonly customerId: string;
  readonly state: string;
  /** All enrolments, the latest last; days without a plan belong to none. */
  readonly enrolments: readonly EnrolmentOnRecord[];
  /** The agent of record on the day before the change takes effect, or in the latest period while that day is not known; null: none. */
  readonly agentKey: string | null;
  /** The agent of record on the day before the latest enrolment begins; null: none, or the change's effective date is known. */
  readonly agentKeyBefore: string | null;
}

const MEDICARE_ADVANTAGE = 'medicare-advantage';

/** Why the customer cannot change at all, or not with the plan and date known so far; null: possible. */
export function ineligibility(
  today: string,
  { enrolments, state }: CustomerOnRecord,
  {
    plan = null,
    effectiveOn = null,
    datesCountFrom = today,
  }: {
    readonly plan?: PlanOffer | null;
    readonly effectiveOn?: string | null;
    /** The earliest possible effective date; default: today. */
    readonly datesCountFrom?: string;
  },
): Ineligibility | null {
  const active = enrolments.some(
    (enrolment) => enrolment.planType === MEDICARE_ADVANTAGE && holdsOn(enrolment, today),
  );
  const latest = enrolments.at(-1);
  if (!active || latest === undefined) return 'no-active-enrolment';
  if (effectiveOn !== null) {
    if (effectiveOn < datesCountFrom) return 'effective-date-past';
    if (!effectiveOn.endsWith('-01')) return 'effective-date-not-first-of-month';
    if (yearOf(effectiveOn) > yearOf(datesCountFrom) + 1) return 'effective-date-too-far';
    // A change for the date of the latest one takes its place; the roster's enrolment keeps its place (spec.md 7b).
    const isEarlier = effectiveOn < latest.from || effectiveOn <= (enrolments[0]?.from ?? '');
    if (isEarlier) return 'later-change-recorded';
  }
  if (plan === null) return null;
  const inForce = effectiveOn === null ? latest : enrolments.find((each) => holdsOn(each, effectiveOn));
  if (plan.planId === inForce?.planId) return 'same-plan';
  return isOffered(plan, state, effectiveOn ?? today, effectiveOn) ? null : 'plan-not-offered';
}

/** Offered on the effective date or, if that is unknown, on any day from `day` on. */
function isOffered(plan: PlanOffer, state: string, day: string, effectiveOn: string | null): boolean {
  return (
    plan.type === MEDICARE_ADVANTAGE &&
    plan.states.includes(state) &&
    (effectiveOn === null || plan.offeredFrom <= effectiveOn) &&
    (plan.offeredTo === null || day <= plan.offeredTo)
  );
}

/**
 * Who may be agent of record on the day before a change takes effect (spec.md 7b.1): while that day is not known, it may also take the
 * place of the latest change, if that is still to come.
 */
export function possibleAgents(
  { agentKey, agentKeyBefore, enrolments }: CustomerOnRecord,
  effectiveOn: string | null,
  today: string,
): readonly (string | null)[] {
  const latest = enrolments.at(-1);
  return effectiveOn === null && latest !== undefined && latest.from >= today
    ? [agentKey, agentKeyBefore]
    : [agentKey];
}

/** Whether an external agent or call center (`agentKey`) can facilitate for this customer by `channel`. Eligibility is checked at completion. */
export function fitsChannel(
  channel: PlanChangeChannel,
  { agentKey, isCallCenter }: { readonly agentKey: string; readonly isCallCenter: boolean },
  customer: Pick<CustomerOnRecord, 'agentKey'>,
  /** Whether the roster says that facilitator and agent of record are one person, maybe under two numbers. */
  onePerson: boolean,
): boolean {
  switch (planChangeRouting[channel].route) {
    case 'own-agent':
      return agentKey === customer.agentKey || onePerson;
    case 'external-agent':
      return agentKey !== customer.agentKey;
    case 'call-center':
      return isCallCenter;
    case 'unit':
    case 'internal-agent':
      return false;
  }
}

/** The plan year that an agent must be certified for: the one in which the new plan takes effect. */
export const yearOf = (day: string): number => Number(day.slice(0, 4));
