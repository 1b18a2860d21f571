/**
 * Who is agent of record after a plan change (spec.md 7). Agents' income depends on this rule: it is pure and versioned, and every decision
 * is stored with its evidence, so that it can be replayed.
 * - The change is completed by the unit, an internal agent or the customer's own agent: the agent of record stays, if eligible that day.
 * - The customer's own agent may apply under any of their numbers (spec.md 7b.6): the number on record stays, and nothing is transferred.
 * - Another external agent or an appointed call center facilitates: it is transferred to them if they are eligible that day; otherwise nothing is decided.
 * - The agent of record is not eligible and nobody else earned the customer: there is none from then on.
 * Before its decision a change may be held. One that is decided again, because another change was corrected or standing was learnt later
 * (spec.md 7b), needs an answer: `decideAgain`. It agrees with the rule above wherever that decides, so the version is the same.
 * Eligible means active, licensed in the customer's state, appointed, and certified for the plan year in which the new plan takes effect.
 */
import {
  recordsFor,
  standingDefect,
  standingOn,
  type AgentRecords,
  type AgentStanding,
  type StandingDefect,
  type StandingQuestion,
} from './agent-standing';
import { routeOf, type PlanChangeChannel, type PlanChangeRoute } from './routing';

/** Increment when decisions change; older decisions keep their version. 2: one person under several numbers. */
export const AOR_RULE_VERSION = 2;

export interface AgentEvidence {
  /** The agent, or the agent or agency behind a call center. */
  readonly agentKey: string;
  /** On the day the change is completed. */
  readonly standing: AgentStanding;
  /** The lines of the rosters that it came from, for the state and the plan year. Absent in older evidence. */
  readonly records?: AgentRecords;
}

export interface AorEvidence {
  readonly channel: PlanChangeChannel;
  /** Whether the internal agent referred the customer to the unit. */
  readonly referred: boolean;
  /** The previous agent of record; null: there was none. */
  readonly original: AgentEvidence | null;
  /** The external agent or call center that facilitates; null on every other route. */
  readonly facilitator: AgentEvidence | null;
  /** Whether the roster says that both are one person, maybe under two numbers. Absent in evidence of version 1, which compared numbers. */
  readonly onePerson?: boolean;
  /** Decided by `decideAgain`; absent: by `decideAgentOfRecord`. */
  readonly again?: boolean;
}

/** The rule's input, and what it was looked up for. Stored with the decision unchanged. */
export interface GatheredEvidence extends AorEvidence, StandingQuestion {}

/** An agent's evidence, by what is known of them. */
export const agentEvidence = (
  agentKey: string,
  records: AgentRecords,
  question: StandingQuestion,
): AgentEvidence => ({
  agentKey,
  standing: standingOn(records, question),
  records: recordsFor(records, question),
});

/** The published list of reasons, by outcome. */
export type AorDecision = {
  readonly ruleVersion: number;
  /** The agent of record from then on. */
  readonly agentKey: string | null;
  /** Whether the previous agent's renewal commission continues: a separate fact from the outcome. */
  readonly commissionContinues: boolean;
} & (
  | {
      readonly outcome: 'retained';
      readonly reason:
        'unit-completed' | 'internal-agent-completed' | 'own-agent-applied' | 'facilitator-not-eligible';
    }
  | {
      readonly outcome: 'transferred';
      readonly reason: 'external-agent-facilitated' | 'call-center-facilitated';
    }
  | { readonly outcome: 'ended'; readonly reason: `agent-${StandingDefect}` }
  | { readonly outcome: 'none'; readonly reason: 'no-agent-of-record' }
);

/** `facilitator-not-eligible`: the change is held, a compliance case, until staff resolve it. */
export type AorAnswer =
  | { readonly kind: 'decided'; readonly decision: AorDecision }
  | { readonly kind: 'facilitator-not-eligible'; readonly agentKey: string; readonly defect: StandingDefect }
  | { readonly kind: 'facilitator-does-not-fit' };

/** Decides, or says why nothing can be decided. */
export function decideAgentOfRecord(evidence: AorEvidence): AorAnswer {
  const { channel, referred, facilitator } = evidence;
  if (!fits(routeOf(channel, referred), evidence)) return { kind: 'facilitator-does-not-fit' };

  // An external agent who is not eligible cannot facilitate, not even the customer's own.
  if (facilitator !== null) {
    const { agentKey, standing } = facilitator;
    const lacks = standingDefect(standing);
    if (lacks !== null) return { kind: 'facilitator-not-eligible', agentKey, defect: lacks };
  }
  return { kind: 'decided', decision: decideAgain(evidence) };
}

/**
 * Decides a recorded change in any circumstances (spec.md 7b).
 * - An agent's application is taken for what it now is: the agent of record's own, or another external agent's.
 * - A facilitator who was not eligible earned nobody anything.
 */
export function decideAgain(evidence: AorEvidence): AorDecision {
  const { channel, referred, original, facilitator } = evidence;
  const route = routeOf(channel, referred);
  const isExternal = route !== 'unit' && route !== 'internal-agent';
  const isEligible = facilitator !== null && standingDefect(facilitator.standing) === null;
  if (isExternal && isEligible && !isOwnAgent(evidence)) {
    return decided({
      outcome: 'transferred',
      reason: route === 'call-center' ? 'call-center-facilitated' : 'external-agent-facilitated',
      agentKey: facilitator.agentKey,
      commissionContinues: false,
    });
  }
  if (original === null) {
    return decided({
      outcome: 'none',
      reason: 'no-agent-of-record',
      agentKey: null,
      commissionContinues: false,
    });
  }
  const defect = standingDefect(original.standing);
  if (defect !== null) {
    return decided({
      outcome: 'ended',
      reason: `agent-${defect}`,
      agentKey: null,
      commissionContinues: false,
    });
  }
  return decided({
    outcome: 'retained',
    reason: isExternal && !isEligible ? 'facilitator-not-eligible' : whyRetained(route),
    agentKey: original.agentKey,
    commissionContinues: true,
  });
}

/** Checks the facilitator: the own agent must be the agent of record, another external agent must not be, and other routes have none. */
function fits(route: PlanChangeRoute, evidence: AorEvidence): boolean {
  const { original, facilitator } = evidence;
  switch (route) {
    case 'unit':
    case 'internal-agent':
      return facilitator === null;
    case 'own-agent':
      return isOwnAgent(evidence);
    case 'external-agent':
      // The application may name another number of the agent of record; the number on record itself has its own channel.
      return facilitator !== null && facilitator.agentKey !== original?.agentKey;
    case 'call-center':
      return facilitator !== null;
  }
}

function whyRetained(route: PlanChangeRoute): (AorDecision & { outcome: 'retained' })['reason'] {
  if (route === 'unit') return 'unit-completed';
  // An application by the own agent or their own call center: nobody else earned the customer.
  return route === 'internal-agent' ? 'internal-agent-completed' : 'own-agent-applied';
}

/** Whether the agent of record facilitates, under the number on record or another one. */
export const isOwnAgent = ({
  original,
  facilitator,
  onePerson = false,
}: Pick<AorEvidence, 'original' | 'facilitator' | 'onePerson'>): boolean =>
  facilitator !== null && original !== null && (onePerson || facilitator.agentKey === original.agentKey);

/** Codes may be those of an older rule. */
interface Result extends Pick<AorDecision, 'agentKey' | 'commissionContinues'> {
  readonly outcome: string;
  readonly reason: string;
}

/** Whether two decisions come to the same, for the same reason. A newer rule version alone is no difference. */
export const isSameResult = (one: Result, other: Result): boolean =>
  one.outcome === other.outcome &&
  one.reason === other.reason &&
  one.agentKey === other.agentKey &&
  one.commissionContinues === other.commissionContinues;

type WithoutVersion<T> = T extends unknown ? Omit<T, 'ruleVersion'> : never;

const decided = (decision: WithoutVersion<AorDecision>): AorDecision => ({
  ruleVersion: AOR_RULE_VERSION,
  ...decision,
});
