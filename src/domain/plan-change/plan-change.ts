/** A customer's plan change from intake to its end (spec.md 7). */
import type { AorDecision } from './agent-of-record';
import type { EffectiveDates } from './agent-standing';
import type { PlanChangeChannel, PlanChangeRoute } from './routing';
import { DAY_MS } from '../time';

/**
 * - `queued`: waits for a representative of the unit. `claimed`: one has it until the claim ends.
 * - `with-facilitator`: an internal agent, external agent or call center completes it.
 * - `held`: the facilitator is not eligible, a compliance case. It never ends by itself: staff name another one, or withdraw it.
 * - `completed`, `withdrawn`, `abandoned`: ended.
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

/** As shown to people. `reversed`: completed, and taken back since (spec.md 7b.4). */
export const SHOWN_STAGES = [...PLAN_CHANGE_STAGES, 'reversed'] as const;
export type ShownStage = (typeof SHOWN_STAGES)[number];

/** Reasons to notify the unit's lead: a change has waited for minutes, or for a day; it is held, or still held a week later. */
export const ESCALATION_KINDS = ['waiting', 'overdue', 'held', 'still-held'] as const;
export type EscalationKind = (typeof ESCALATION_KINDS)[number];

/** One notification of the lead. For a held change: since when it is held (epoch milliseconds), and the week, from 0. */
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

/** The lead's notifications with one added; for a held change only the last week is kept. */
export const withEscalation = (
  escalated: readonly Escalation[],
  escalation: Escalation,
): readonly Escalation[] => [...escalated.filter((each) => !isHeld(escalation) || !isHeld(each)), escalation];

/** What a run needs to know of its change. Times are epoch milliseconds. */
export interface PlanChangeSnapshot {
  readonly stage: PlanChangeStage;
  readonly route: PlanChangeRoute;
  /** Until when a representative has it; null: nobody has. */
  readonly claimUntilMs: number | null;
  /** When to notify the unit's lead that it waits. */
  readonly escalateAtMs: Readonly<Record<'waiting' | 'overdue', number>>;
  /** Since when it is held; absent if it is not, and in older runs. */
  readonly heldSinceMs?: number;
  readonly abandonAtMs: number;
  /** Present once it is completed. */
  readonly outcome?: AorDecision['outcome'];
  /** Once it is completed: the agents who are told of it although its decision does not name them; absent: none. */
  readonly alsoConcerned?: readonly string[];
  /** Since when it waits on its route, and how often it was moved; absent in older runs. */
  readonly waitingSinceMs?: number;
  readonly moves?: number;
}

/** A change as a move left it: the parts of its record that every move may change. */
export interface MovedChange extends Pick<PlanChangeSnapshot, 'stage' | 'route' | 'claimUntilMs'> {
  readonly waitingSinceMs: number;
  readonly moves: number;
}

/** The snapshot after a move: the same one if the move is not later; null if only the record has the new deadlines or outcome. */
export function snapshotAfter(
  snapshot: PlanChangeSnapshot,
  { stage, route, claimUntilMs, waitingSinceMs, moves }: MovedChange,
): PlanChangeSnapshot | null {
  if (snapshot.moves === undefined) return null;
  if (moves <= snapshot.moves) return snapshot;
  if (stage === 'held' || stage === 'completed' || waitingSinceMs !== snapshot.waitingSinceMs) return null;
  return { ...snapshot, stage, route, claimUntilMs, moves };
}

export const isOver = ({ stage }: Pick<PlanChangeSnapshot, 'stage'>): boolean =>
  stage === 'completed' || stage === 'withdrawn' || stage === 'abandoned';

/** The stage at `nowMs`: a claim is valid until its end, whether or not it has been cleared. */
export const stageAt = (
  { stage, claimUntilMs }: Pick<PlanChangeSnapshot, 'stage' | 'claimUntilMs'>,
  nowMs: number,
): PlanChangeStage =>
  stage === 'claimed' && claimUntilMs !== null && nowMs >= claimUntilMs ? 'queued' : stage;

export type DueStep =
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'put-back' | 'abandon' }
  | { readonly kind: 'escalate'; readonly escalation: Escalation };

/** The next action for an open change at `nowMs`; `escalated`: the lead's notifications so far. The one-day escalation replaces the 15-minute one. */
export function dueStep(
  snapshot: PlanChangeSnapshot,
  escalated: readonly Escalation[],
  nowMs: number,
): DueStep {
  const { stage, claimUntilMs, escalateAtMs, abandonAtMs } = snapshot;
  if (stage === 'held') return dueWhileHeld(snapshot, escalated, nowMs);
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

/** A compliance case is never abandoned: the lead is notified at once and each week. After an outage missed weeks give one email. */
function dueWhileHeld(
  { heldSinceMs }: PlanChangeSnapshot,
  escalated: readonly Escalation[],
  nowMs: number,
): DueStep {
  // Before that the run reads the change, which says since when it is held.
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

/** A person on the staff roster. */
export interface StaffMember {
  readonly staffKey: string;
  readonly role: StaffRole;
  /** Null: no licence. */
  readonly licence: EffectiveDates | null;
}

export const STAFF_ROLES = [
  'plan-change-representative',
  'field-agent',
  'telesales-agent',
  'customer-service',
] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** Whether a person may claim and complete the unit's work on `day`: only its representatives with a current licence may. */
export const isRepresentative = ({ role, licence }: StaffMember, day: string): boolean =>
  role === 'plan-change-representative' &&
  licence !== null &&
  licence.from <= day &&
  (licence.to === null || day <= licence.to);

/** The role of internal agents who facilitate changes of `channel`; null: none. */
export const internalRoleOf = (channel: PlanChangeChannel): StaffRole | null =>
  channel === 'field-agent' || channel === 'telesales-agent' ? channel : null;
