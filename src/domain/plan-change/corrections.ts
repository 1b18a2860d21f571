/**
 * Which completed changes can be corrected, and what is known then (spec.md 7b).
 * - Reversal: a change that counts, until some days after its effective date. Later changes do not prevent it.
 * - Redetermination: a change that counts, if something would be different with the standing that is known now.
 */
import { isOwnAgent, isSameResult, type AorEvidence } from './agent-of-record';
import {
  successorOf,
  whatHolds,
  type CustomerFacts,
  type CustomerHistory,
  type Decided,
  type Election,
  type KnownAgents,
} from './history';
import type { PlanChangeStage } from './plan-change';
import { plusDays } from '../calendar-day';

export const REVERSAL_REASONS = ['customer-cancelled', 'rejected-by-cms', 'entered-in-error'] as const;
export type ReversalReason = (typeof REVERSAL_REASONS)[number];

/** `superseded`: a later change took its place. `too-old`: only for reversals. */
export const CORRECTION_REFUSALS = [
  'still-open',
  'never-completed',
  'already-reversed',
  'superseded',
  'too-old',
  'nothing-to-correct',
] as const;
export type CorrectionRefusal = (typeof CORRECTION_REFUSALS)[number];

export type Corrected =
  | { readonly kind: 'corrected'; readonly facts: CustomerFacts; readonly history: CustomerHistory }
  | { readonly kind: 'refused'; readonly reason: CorrectionRefusal };

/** Why a change cannot be corrected, whatever the correction; null: it counts. */
export function correctionRefusal(
  { planChangeId, stage }: { readonly planChangeId: string; readonly stage: PlanChangeStage },
  elections: readonly Election[],
): CorrectionRefusal | null {
  const election = elections.find((each) => each.planChangeId === planChangeId);
  if (election === undefined)
    return stage === 'withdrawn' || stage === 'abandoned' ? 'never-completed' : 'still-open';
  if (election.reversed) return 'already-reversed';
  return successorOf(election, elections) === null ? null : 'superseded';
}

/** The facts without a change. Its agents are looked up for these. */
export const toReverse = (facts: CustomerFacts, planChangeId: string): CustomerFacts => ({
  ...facts,
  elections: facts.elections.map((election) =>
    election.planChangeId === planChangeId ? { ...election, reversed: true } : election,
  ),
});

/** As if the change had never been made; everything else stays. `reversibleDays`: after the effective date, inclusive. */
export function reverse(
  change: { readonly planChangeId: string; readonly stage: PlanChangeStage },
  facts: CustomerFacts,
  agents: KnownAgents,
  { today, reversibleDays }: { readonly today: string; readonly reversibleDays: number },
): Corrected {
  const reason = correctionRefusal(change, facts.elections);
  if (reason !== null) return { kind: 'refused', reason };
  const { effectiveOn } = facts.elections.find(({ planChangeId }) => planChangeId === change.planChangeId)!;
  if (today > plusDays(effectiveOn, reversibleDays)) return { kind: 'refused', reason: 'too-old' };
  const corrected = toReverse(facts, change.planChangeId);
  return { kind: 'corrected', facts: corrected, history: whatHolds(corrected, agents) };
}

/** The facts with a change to be determined again, with the standing known at `nowMs`. Its agents are looked up for these. */
export const toRedetermine = (facts: CustomerFacts, planChangeId: string, nowMs: number): CustomerFacts => ({
  ...facts,
  elections: facts.elections.map((election) =>
    election.planChangeId === planChangeId ? { ...election, knownAtMs: nowMs, decided: null } : election,
  ),
});

/** Decides again with the standing known at `nowMs`, and so what was decided from it. */
export function redetermine(
  change: { readonly planChangeId: string; readonly stage: PlanChangeStage },
  facts: CustomerFacts,
  agents: KnownAgents,
  nowMs: number,
): Corrected {
  const reason = correctionRefusal(change, facts.elections);
  if (reason !== null) return { kind: 'refused', reason };
  const corrected = toRedetermine(facts, change.planChangeId, nowMs);
  const history = whatHolds(corrected, agents);
  const isOfChange = ({ planChangeId }: { readonly planChangeId: string }): boolean =>
    planChangeId === change.planChangeId;
  const before = facts.elections.find(isOfChange)?.decided ?? null;
  const after = history.decisions.find(isOfChange);
  return before !== null && after !== undefined && isSameDecision(before, after)
    ? { kind: 'refused', reason: 'nothing-to-correct' }
    : { kind: 'corrected', facts: corrected, history };
}

/** Same result for the same reason, from the same standing: other rows that change none of the conditions are no difference. */
export const isSameDecision = (one: Decided, other: Decided): boolean =>
  isSameResult(one.decision, other.decision) && groundsOf(one.evidence) === groundsOf(other.evidence);

/** The agents and their conditions, for comparison. */
const groundsOf = (evidence: AorEvidence): string =>
  JSON.stringify([
    [evidence.original, evidence.facilitator].map(
      (agent) =>
        agent && [
          agent.agentKey,
          agent.standing.active,
          agent.standing.licensed,
          agent.standing.appointed,
          agent.standing.certified,
        ],
    ),
    isOwnAgent(evidence),
  ]);
