/** A customer's change of plan on its way from intake to its end (spec.md 7). */
import type { AorDecision } from './agent-of-record';
import type { EffectiveDates } from './agent-standing';
import type { PlanChangeChannel, PlanChangeRoute } from './plan-change-routing';

/**
 * - `queued`: waits for a representative of the unit. `claimed`: one has it, for an hour at the most.
 * - `with-facilitator`: an internal agent, external agent or call center completes it.
 * - `held`: the facilitator is not eligible; nothing moves until staff put in another one, or withdraw.
 * - `completed`, `withdrawn`, `abandoned`: over.
 */
export const PLAN_CHANGE_STAGES = [
  'queued',
  'claimed',
  'with-facilitator',
  'held',
  'completed',
  'withdrawn',
  'abandoned',
] as const;
export type PlanChangeStage = (typeof PLAN_CHANGE_STAGES)[number];

/** Who is told what about a change that nobody takes: `waiting` after minutes, `overdue` after a day. */
export const ESCALATIONS = ['waiting', 'overdue'] as const;
export type Escalation = (typeof ESCALATIONS)[number];

/** What is true of a change, as far as its run has to know. Epoch milliseconds. */
export interface PlanChangeStanding {
  readonly stage: PlanChangeStage;
  readonly route: PlanChangeRoute;
  /** Until when a representative has it; null: nobody does. */
  readonly claimUntilMs: number | null;
  /** When the unit's lead is to be told that it waits. */
  readonly escalateAtMs: Readonly<Record<Escalation, number>>;
  readonly abandonAtMs: number;
  /** Once it is completed. */
  readonly outcome?: AorDecision['outcome'];
}

export const isOver = ({ stage }: Pick<PlanChangeStanding, 'stage'>): boolean =>
  stage === 'completed' || stage === 'withdrawn' || stage === 'abandoned';

/** The stage at `nowMs`: a claim counts until its end, whether or not anybody has cleared it away. */
export const stageAt = (
  { stage, claimUntilMs }: Pick<PlanChangeStanding, 'stage' | 'claimUntilMs'>,
  nowMs: number,
): PlanChangeStage =>
  stage === 'claimed' && claimUntilMs !== null && nowMs >= claimUntilMs ? 'queued' : stage;

export type DueStep =
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'put-back' | 'abandon' }
  | { readonly kind: 'escalate'; readonly escalation: Escalation };

/** What is to be done about an open change at `nowMs`; `escalated`: what the lead has been told of. After a day the minutes go without saying. */
export function dueStep(
  { stage, claimUntilMs, escalateAtMs, abandonAtMs }: PlanChangeStanding,
  escalated: readonly Escalation[],
  nowMs: number,
): DueStep {
  if (stage === 'claimed' && claimUntilMs !== null)
    return nowMs < claimUntilMs ? { kind: 'wait', untilMs: claimUntilMs } : { kind: 'put-back' };
  if (nowMs >= abandonAtMs) return { kind: 'abandon' };
  if (stage !== 'queued' || escalated.includes('overdue')) return { kind: 'wait', untilMs: abandonAtMs };
  if (nowMs >= escalateAtMs.overdue) return { kind: 'escalate', escalation: 'overdue' };
  if (escalated.includes('waiting'))
    return { kind: 'wait', untilMs: Math.min(escalateAtMs.overdue, abandonAtMs) };
  if (nowMs >= escalateAtMs.waiting) return { kind: 'escalate', escalation: 'waiting' };
  return { kind: 'wait', untilMs: Math.min(escalateAtMs.waiting, escalateAtMs.overdue, abandonAtMs) };
}

/** Somebody on the staff roster. */
export interface StaffMember {
  readonly staffKey: string;
  readonly role: StaffRole;
  /** Null: without a licence. */
  readonly licence: EffectiveDates | null;
}

export const STAFF_ROLES = [
  'plan-change-representative',
  'field-agent',
  'telesales-agent',
  'customer-service',
] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** Whether somebody may take and complete the unit's work on `day`: its own people, with a licence that is current, and nobody else. */
export const isRepresentative = ({ role, licence }: StaffMember, day: string): boolean =>
  role === 'plan-change-representative' &&
  licence !== null &&
  licence.from <= day &&
  (licence.to === null || day <= licence.to);

/** The role of the internal agents who facilitate what comes by `channel`; null: none do. */
export const internalRoleOf = (channel: PlanChangeChannel): StaffRole | null =>
  channel === 'field-agent' || channel === 'telesales-agent' ? channel : null;

/** Who completes a change at this moment: why they may not, or null. */
export function whyNotTheirs(
  change: {
    readonly stage: PlanChangeStage;
    readonly route: PlanChangeRoute;
    readonly claimedBy: string | null;
    readonly claimUntilMs: number | null;
    readonly facilitatorKey: string | null;
  },
  staffKey: string | null,
  nowMs: number,
): 'wrong-stage' | 'claimed-by-other' | 'not-the-facilitator' | null {
  const { route, claimedBy, facilitatorKey } = change;
  const stage = stageAt(change, nowMs);
  if (stage === 'claimed') return claimedBy === staffKey ? null : 'claimed-by-other';
  if (stage !== 'with-facilitator' || route === 'unit') return 'wrong-stage';
  // An internal agent's own key is for their own customers; the systems that take applications in have keys of nobody's.
  return route === 'internal-agent' && staffKey !== null && staffKey !== facilitatorKey
    ? 'not-the-facilitator'
    : null;
}
