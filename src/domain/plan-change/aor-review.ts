/**
 * Reviews a recorded decision by what the rosters tell now (spec.md 7b.5), for the same day, state and plan year.
 * - A condition of an agent that is another one now is a difference, and so is whether both are one person.
 * - Other lines in the rosters that change none of these are no difference: a redetermination would find nothing to correct.
 */
import { isOwnAgent, type AgentEvidence, type AorDecision, type GatheredEvidence } from './agent-of-record';
import { isAorEvidence } from './aor-replay';
import type { AgentStanding } from './agent-standing';
import { decideElection, type KnownAgents } from './history';

/** A decision that counts. The numbers as the roster writes them; null: on no roster any more. */
export interface DecisionToReview extends Pick<AorDecision, 'outcome' | 'agentKey' | 'commissionContinues'> {
  readonly evidence: GatheredEvidence;
  readonly originalNumber: string | null;
  readonly facilitatorNumber: string | null;
}

/** `was` as recorded, `is` as the rosters tell now; for the same day, state and plan year. */
export type AorDifference =
  | {
      readonly kind: 'condition';
      readonly agentNumber: string;
      readonly condition: keyof AgentStanding;
      readonly was: AgentEvidence;
      readonly is: AgentEvidence;
    }
  | { readonly kind: 'one-person'; readonly agentNumbers: readonly [string, string]; readonly is: boolean }
  | { readonly kind: 'evidence-unreadable' };

export interface AorReview {
  readonly differences: readonly AorDifference[];
  /** What a redetermination would decide; null: the evidence cannot be read. */
  readonly redetermined: (AorDecision & { readonly agentNumber: string | null }) | null;
  /** Whether that is another outcome, agent of record or commission; the reason may differ without it. */
  readonly outcomeDiffers: boolean;
}

/** Null: no difference. `agents`: as known at `nowMs`. */
export function reviewDecision(
  recorded: DecisionToReview,
  agents: KnownAgents,
  nowMs: number,
): AorReview | null {
  const { evidence } = recorded;
  if (!isAorEvidence(evidence))
    return { differences: [{ kind: 'evidence-unreadable' }], redetermined: null, outcomeDiffers: false };
  const { channel, referred, day, state, planYear, original, facilitator } = evidence;
  const facilitatorKey = facilitator?.agentKey ?? null;
  const now = decideElection(
    { asked: { channel, referred, day, state, planYear, facilitatorKey }, knownAtMs: nowMs },
    original?.agentKey ?? null,
    agents,
  );
  const numberOf = (agentKey: string): string => agentNumberIn(recorded, agentKey);
  const differences = differencesOf(evidence, now.evidence, numberOf);
  if (differences.length === 0) return null;
  const { outcome, agentKey, commissionContinues } = now.decision;
  return {
    differences,
    redetermined: { ...now.decision, agentNumber: agentKey && numberOf(agentKey) },
    outcomeDiffers:
      outcome !== recorded.outcome ||
      agentKey !== recorded.agentKey ||
      commissionContinues !== recorded.commissionContinues,
  };
}

/** The number of an agent whom the evidence names; the key, if the agent is on no roster any more. */
export const agentNumberIn = (
  {
    evidence: { original },
    originalNumber,
    facilitatorNumber,
  }: Pick<DecisionToReview, 'evidence' | 'originalNumber' | 'facilitatorNumber'>,
  agentKey: string,
): string => (agentKey === original?.agentKey ? originalNumber : facilitatorNumber) ?? agentKey;

const CONDITIONS = ['active', 'licensed', 'appointed', 'certified'] as const;

function differencesOf(
  before: GatheredEvidence,
  now: GatheredEvidence,
  numberOf: (agentKey: string) => string,
): AorDifference[] {
  const ofAgent = (was: AgentEvidence | null, is: AgentEvidence | null): AorDifference[] =>
    was === null || is === null
      ? []
      : CONDITIONS.filter((condition) => was.standing[condition] !== is.standing[condition]).map(
          (condition) => ({ kind: 'condition', agentNumber: numberOf(was.agentKey), condition, was, is }),
        );
  const { original, facilitator } = before;
  const ofBoth = [
    ...ofAgent(original, now.original),
    ...(facilitator?.agentKey === original?.agentKey ? [] : ofAgent(facilitator, now.facilitator)),
  ];
  if (original === null || facilitator === null || isOwnAgent(before) === isOwnAgent(now)) return ofBoth;
  const agentNumbers = [numberOf(original.agentKey), numberOf(facilitator.agentKey)] as const;
  return [...ofBoth, { kind: 'one-person', agentNumbers, is: isOwnAgent(now) }];
}
