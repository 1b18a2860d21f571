/** A customer's change of plan on its way from intake to its end (spec.md 7). */
import type { AorDecision } from './agent-of-record';
import type { EffectiveDates } from './agent-standing';
import type { PlanChangeChannel, PlanChangeRoute } from './routing';
import { DAY_MS } from '../portal';

/**
 * - `queued`: waits for a representative of the unit. `claimed`: one has it, for an hour at the most.
 * - `with-facilitator`: an internal agent, external agent or call center completes it.
 * - `held`: the facilitator is not eligible, a compliance case. It never ends by itself: staff put in another one, or withdraw.
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

/** What the unit's lead is told of: nobody takes a change for minutes, or for a day; one is held, and is still held a week later. */
export const ESCALATION_KINDS = ['waiting', 'overdue', 'held', 'still-held'] as const;
export type EscalationKind = (typeof ESCALATION_KINDS)[number];

/** One time that the lead is told. Of a held change: since when it is held (epoch milliseconds), and which week of that it is, from 0. */
export type Escalation = 'waiting' | 'overdue' | HeldEscalation;
type HeldEscalation = `held.${number}.${number}`;

const HELD_AGAIN_EVERY_MS = 7 * DAY_MS;

const isHeld = (escalation: Escalation): escalation is HeldEscalation =>
  escalation !== 'waiting' && escalation !== 'overdue';

const partsOf = (escalation: HeldEscalation): { readonly sinceMs: number; readonly week: number } => {
  const [, sinceMs, week] = escalation.split('.');
  return { sinceMs: Number(sinceMs), week: Number(week) };
};

export function escalationKind(escalation: Escalation): EscalationKind {
  if (!isHeld(escalation)) return escalation;
  return partsOf(escalation).week === 0 ? 'held' : 'still-held';
}

/** What the lead has been told of, with one time more; of the weeks of a held change the last one says it all. */
export const withEscalation = (
  escalated: readonly Escalation[],
  escalation: Escalation,
): readonly Escalation[] => [...escalated.filter((each) => !isHeld(escalation) || !isHeld(each)), escalation];

/** What is true of a change, as far as its run has to know. Epoch milliseconds. */
export interface PlanChangeStanding {
  readonly stage: PlanChangeStage;
  readonly route: PlanChangeRoute;
  /** Until when a representative has it; null: nobody does. */
  readonly claimUntilMs: number | null;
  /** When the unit's lead is to be told that it waits. */
  readonly escalateAtMs: Readonly<Record<'waiting' | 'overdue', number>>;
  /** Since when it is held; absent while it is not, and in runs from before it was told. */
  readonly heldSinceMs?: number;
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

/** What is to be done about an open change at `nowMs`; `escalated`: what the lead has been told of. The one-day escalation replaces the 15-minute one. */
export function dueStep(
  standing: PlanChangeStanding,
  escalated: readonly Escalation[],
  nowMs: number,
): DueStep {
  const { stage, claimUntilMs, escalateAtMs, abandonAtMs } = standing;
  if (stage === 'held') return dueWhileHeld(standing, escalated, nowMs);
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

/** A compliance case is never given up: the lead is told at once, and again each week. After an outage the weeks are told as one. */
function dueWhileHeld(
  { heldSinceMs }: PlanChangeStanding,
  escalated: readonly Escalation[],
  nowMs: number,
): DueStep {
  // The run looks at the change before that, and finds since when it is held.
  if (heldSinceMs === undefined) return { kind: 'wait', untilMs: nowMs + HELD_AGAIN_EVERY_MS };
  const told = escalated
    .filter(isHeld)
    .map(partsOf)
    .filter(({ sinceMs }) => sinceMs === heldSinceMs)
    .map(({ week }) => week);
  const nextAtMs = heldSinceMs + (Math.max(-1, ...told) + 1) * HELD_AGAIN_EVERY_MS;
  if (nowMs < nextAtMs) return { kind: 'wait', untilMs: nextAtMs };
  const week = Math.floor((nowMs - heldSinceMs) / HELD_AGAIN_EVERY_MS);
  return { kind: 'escalate', escalation: `held.${heldSinceMs}.${week}` };
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
