/**
 * What holds for a customer, by day: plan and agent of record (spec.md 7b).
 * - Of the recorded changes that are not reversed, the last one for an effective date counts. If it is reversed, the one before counts again.
 * - Each begins an enrolment on its effective date, and is decided from the agent of record on the day before.
 * - A decision stands while that agent is the same and nobody has it determined again. Otherwise it is made again, with the standing on
 *   the day of completion, as known when it was last determined.
 * - A disenrolment ends the enrolment that begins on its first day: no plan and no agent from then until the next change takes effect.
 *   The last one for an enrolment counts; it may say that there was none.
 * Every day from the first enrolment on has one plan and one agent of record, which may be none. Days are `YYYY-MM-DD`.
 */
import {
  agentEvidence,
  decideAgain,
  isOwnAgent,
  type AorDecision,
  type GatheredEvidence,
} from './agent-of-record';
import { holdsOn, type AgentRecords, type EffectiveDates } from './agent-standing';
import { plusDays } from '../calendar-day';

/** What is known of a customer. */
export interface CustomerFacts {
  /** From the roster: the first day, the plan and the agent of record. */
  readonly base: { readonly from: string; readonly planId: string | null; readonly agentKey: string | null };
  /** The completed changes, in the order in which they were recorded. */
  readonly elections: readonly Election[];
  /** In the order in which they were recorded: of several for one enrolment the last counts. */
  readonly disenrolments: readonly Disenrolment[];
}

/** A completed plan change. */
export interface Election {
  readonly planChangeId: string;
  readonly planId: string;
  readonly effectiveOn: string;
  readonly reversed: boolean;
  readonly asked: Application;
  /** When the agents' standing was last determined for it. */
  readonly knownAtMs: number;
  /** The last decision; null: it has to be made again. */
  readonly decided: Decided | null;
}

/** What was applied for: the part of a decision's evidence that no correction changes. */
export interface Application extends Pick<
  GatheredEvidence,
  'channel' | 'referred' | 'day' | 'state' | 'planYear'
> {
  /** The external agent or call center; null on every other route. */
  readonly facilitatorKey: string | null;
}

export interface Decided {
  readonly evidence: GatheredEvidence;
  readonly decision: AorDecision;
}

/** An enrolment that ended at the carrier; `lastDay` is null if it did not, after all. */
export interface Disenrolment {
  readonly enrolledFrom: string;
  readonly lastDay: string | null;
}

/** What the rosters tell of the agents (`agentsToLookUp`). */
export interface KnownAgents {
  /** Everything on record about the agent, as it was known at that time. */
  records(agentKey: string, knownAtMs: number): AgentRecords;
  /** Whether both numbers are one person's. */
  isOnePerson(agentKey: string, otherKey: string): boolean;
}

export interface EnrolmentPeriod extends EffectiveDates {
  readonly planId: string | null;
}
export interface AgentPeriod extends EffectiveDates {
  readonly agentKey: string | null;
}

export interface CountingDecision extends Decided {
  readonly planChangeId: string;
  readonly effectiveOn: string;
  /** It was made for this history; otherwise it stands as it was. */
  readonly madeAgain: boolean;
}

/** What holds, each by day. The last period of each has no end. */
export interface CustomerHistory {
  readonly enrolments: readonly EnrolmentPeriod[];
  /** Adjacent periods differ in their agent. Commission goes to the agent of record. */
  readonly agentsOfRecord: readonly AgentPeriod[];
  /** Of the changes that count, by effective date. */
  readonly decisions: readonly CountingDecision[];
}

/** Why a version of a customer's history was written. `roster`: the first one. */
export const HISTORY_CAUSES = [
  'roster',
  'plan-change',
  'reversal',
  'redetermination',
  'disenrolment',
] as const;
export type HistoryCause = (typeof HISTORY_CAUSES)[number];

/** What holds by these facts. */
export function whatHolds(facts: CustomerFacts, agents: KnownAgents): CustomerHistory {
  const { base, disenrolments } = facts;
  const lastDays = new Map(disenrolments.map(({ enrolledFrom, lastDay }) => [enrolledFrom, lastDay]));
  const decisions: CountingDecision[] = [];
  const begun: { from: string; planId: string | null; agentKey: string | null }[] = [];
  let { agentKey } = base;

  const begin = (from: string, planId: string | null, nextFrom: string | undefined): void => {
    begun.push({ from, planId, agentKey });
    const lastDay = lastDays.get(from) ?? null;
    if (lastDay === null) return;
    const endedFrom = plusDays(lastDay, 1);
    if (nextFrom !== undefined && endedFrom >= nextFrom) return;
    // An enrolment may end at the carrier before it began.
    if (endedFrom <= from) begun.pop();
    agentKey = null;
    begun.push({ from: endedFrom > from ? endedFrom : from, planId: null, agentKey });
  };

  const elections = countingElections(facts.elections);
  begin(base.from, base.planId, elections[0]?.effectiveOn);
  for (const [index, election] of elections.entries()) {
    const { planChangeId, effectiveOn, decided } = election;
    const stands = decided !== null && (decided.evidence.original?.agentKey ?? null) === agentKey;
    const { evidence, decision } = stands ? decided : decideElection(election, agentKey, agents);
    decisions.push({ planChangeId, effectiveOn, evidence, decision, madeAgain: !stands });
    agentKey = decision.agentKey;
    begin(effectiveOn, election.planId, elections[index + 1]?.effectiveOn);
  }
  return {
    enrolments: withEnds(begun.map(({ from, planId }) => ({ from, planId }))),
    agentsOfRecord: withEnds(
      begun
        .filter((period, index) => index === 0 || period.agentKey !== begun[index - 1]?.agentKey)
        .map((period) => ({ from: period.from, agentKey: period.agentKey })),
    ),
    decisions,
  };
}

/**
 * What holds once one more change is completed, as it was decided. It takes effect after the first enrolment and not before another
 * change, so nothing is decided again; otherwise this throws.
 */
export function whatHoldsAfter(
  facts: CustomerFacts,
  {
    atMs,
    evidence,
    decision,
    ...change
  }: Decided & Pick<Election, 'planChangeId' | 'planId' | 'effectiveOn'> & { readonly atMs: number },
): CustomerHistory {
  const { planChangeId, planId, effectiveOn } = change;
  if (effectiveOn <= facts.base.from)
    throw new Error('a change that takes effect before the first enrolment');
  const asked = { ...evidence, facilitatorKey: evidence.facilitator?.agentKey ?? null };
  const decided = { evidence, decision };
  const election = { planChangeId, planId, effectiveOn, reversed: false, asked, knownAtMs: atMs, decided };
  return whatHolds({ ...facts, elections: [...facts.elections, election] }, NOBODY_DECIDED_AGAIN);
}

const NOBODY_DECIDED_AGAIN: KnownAgents = {
  records: () => {
    throw new Error('a completed change from which a later one was decided');
  },
  isOnePerson: () => false,
};

/** Decides a change again, by the standing as it was known then. */
export function decideElection(
  { asked: { facilitatorKey, ...asked }, knownAtMs }: Pick<Election, 'asked' | 'knownAtMs'>,
  originalKey: string | null,
  agents: KnownAgents,
): Decided {
  const evidenceOf = (agentKey: string | null) =>
    agentKey === null ? null : agentEvidence(agentKey, agents.records(agentKey, knownAtMs), asked);
  const original = evidenceOf(originalKey);
  const facilitator = evidenceOf(facilitatorKey);
  const onePerson =
    original !== null &&
    facilitator !== null &&
    (isOwnAgent({ original, facilitator }) || agents.isOnePerson(facilitator.agentKey, original.agentKey));
  const evidence = { ...asked, original, facilitator, onePerson, again: true };
  return { evidence, decision: decideAgain(evidence) };
}

/** Each period ends on the day before the next one begins. */
const withEnds = <T extends { readonly from: string }>(begun: readonly T[]): (T & EffectiveDates)[] =>
  begun.map((period, index) => {
    const next = begun[index + 1];
    return { ...period, to: next === undefined ? null : plusDays(next.from, -1) };
  });

/** Those that are not reversed and have no successor, by effective date. */
export const countingElections = (elections: readonly Election[]): readonly Election[] =>
  elections
    .filter((election) => !election.reversed && successorOf(election, elections) === null)
    .toSorted((one, other) => (one.effectiveOn < other.effectiveOn ? -1 : 1));

/** The change that took this one's place: the next one for its effective date that is not reversed. */
export const successorOf = (
  { planChangeId, effectiveOn }: Election,
  elections: readonly Election[],
): Election | null =>
  elections
    .slice(elections.findIndex((election) => election.planChangeId === planChangeId) + 1)
    .find((later) => later.effectiveOn === effectiveOn && !later.reversed) ?? null;

/**
 * Whose records, as known when, `whatHolds` may ask for: of each change that counts, its facilitator and everybody who may be
 * agent of record before it. Any two of these may be one person.
 */
export function agentsToLookUp({ base, elections }: CustomerFacts): readonly {
  readonly agentKey: string;
  readonly knownAtMs: number;
}[] {
  const possible = new Set(base.agentKey === null ? [] : [base.agentKey]);
  const asked = countingElections(elections).flatMap(({ asked: { facilitatorKey }, knownAtMs, decided }) => {
    if (facilitatorKey !== null) possible.add(facilitatorKey);
    const pairs = [...possible].map((agentKey) => ({ agentKey, knownAtMs }));
    // A decision that stands may have been made by an older rule.
    if (decided !== null && decided.decision.agentKey !== null) possible.add(decided.decision.agentKey);
    return pairs;
  });
  return asked.filter(
    ({ agentKey, knownAtMs }, index) =>
      asked.findIndex((other) => other.agentKey === agentKey && other.knownAtMs === knownAtMs) === index,
  );
}

/** The period of `day`; undefined: before the first. */
export const periodOn = <T extends EffectiveDates>(periods: readonly T[], day: string): T | undefined =>
  periods.find((period) => holdsOn(period, day));
