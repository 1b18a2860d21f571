/**
 * Reviews a recorded decision by what the rosters tell now (spec.md 7b.5), for the same day, state and plan year.
 * - A condition of an agent that is another one now is a difference, and so is whether both are one person.
 * - Other lines in the rosters that change none of these are no difference: a redetermination would find nothing to correct.
 */
import { isOwnAgent, type AgentEvidence, type AorDecision, type GatheredEvidence } from './agent-of-record';
import { isAorEvidence } from './aor-replay';
import { decideElection, type KnownAgents } from './history';
import { standingInWords } from './standing-in-words';

/** A decision that counts. The numbers as the roster writes them; null: on no roster any more. */
export interface DecisionToReview extends Pick<AorDecision, 'outcome' | 'agentKey' | 'commissionContinues'> {
  readonly evidence: GatheredEvidence;
  readonly originalNumber: string | null;
  readonly facilitatorNumber: string | null;
}

export interface AorReview {
  /** "agent 20417: certified for 2027: was no, is yes (from 2026-10-01)" */
  readonly differences: readonly string[];
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
    return { differences: ['the evidence cannot be read'], redetermined: null, outcomeDiffers: false };
  const { channel, referred, day, state, planYear, original, facilitator } = evidence;
  const facilitatorKey = facilitator?.agentKey ?? null;
  const now = decideElection(
    { asked: { channel, referred, day, state, planYear, facilitatorKey }, knownAtMs: nowMs },
    original?.agentKey ?? null,
    agents,
  );
  const numberOf = (agentKey: string): string => agentNumberIn(recorded, agentKey);
  const differences = differencesInWords(evidence, now.evidence, numberOf);
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

function differencesInWords(
  before: GatheredEvidence,
  now: GatheredEvidence,
  numberOf: (agentKey: string) => string,
): string[] {
  const ofAgent = (was: AgentEvidence | null, is: AgentEvidence | null): string[] => {
    if (was === null || is === null) return [];
    const today = standingInWords(is, now);
    return standingInWords(was, before).flatMap(({ condition, name, answer }, index) =>
      was.standing[condition] === is.standing[condition]
        ? []
        : [`agent ${numberOf(was.agentKey)}: ${name}: was ${answer}, is ${today[index]!.answer}`],
    );
  };
  const { original, facilitator } = before;
  const ofBoth = [
    ...ofAgent(original, now.original),
    ...(facilitator?.agentKey === original?.agentKey ? [] : ofAgent(facilitator, now.facilitator)),
  ];
  if (original === null || facilitator === null || isOwnAgent(before) === isOwnAgent(now)) return ofBoth;
  const [was, is] = isOwnAgent(now) ? ['no', 'yes'] : ['yes', 'no'];
  const both = `agents ${numberOf(original.agentKey)} and ${numberOf(facilitator.agentKey)}`;
  return [...ofBoth, `${both}: one person: was ${was}, is ${is}`];
}
