/**
 * Customers' facts in few words. A change is written `X@2`: by whom, and the month in which it takes effect; month 0 is December 2026.
 * Who: `unit`, `A` (their own agent's application), `A2` (the same person under another number), `X`, `Y` (external agents), `Z` (a call center).
 */
import { decideAgentOfRecord, type AorAnswer } from '../../../src/domain/plan-change/agent-of-record';
import {
  standingOn,
  type AgentRecords,
  type EffectiveDates,
} from '../../../src/domain/plan-change/agent-standing';
import {
  periodOn,
  whatHolds,
  type Application,
  type CustomerFacts,
  type CustomerHistory,
  type Disenrolment,
  type Election,
  type KnownAgents,
} from '../../../src/domain/plan-change/history';

export const EARLY = 1;
export const LATE = 2;
export type Eligibility = 'eligible' | 'terminated' | 'not-certified';

export const FIRST_DAY = '2026-12-01';
export const day = (month: number): string =>
  new Date(Date.UTC(2026, 11 + month, 1)).toISOString().slice(0, 10);

const records = (eligibility: Eligibility): AgentRecords => ({
  terminatedOn: eligibility === 'terminated' ? '2026-01-31' : null,
  principalTerminatedOn: null,
  licences: [{ state: 'NY', from: '2020-01-01', to: null }],
  appointments: [{ from: '2020-01-01', to: null }],
  certifications: eligibility === 'not-certified' ? [] : [{ planYear: 2027, from: '2026-09-01', to: null }],
});

/** By agent: what was known at first, and what is known later; default: eligible. */
export type Standings = Readonly<Record<string, readonly [early: Eligibility, late: Eligibility]>>;

export const known = (standings: Standings = {}): KnownAgents => ({
  records: (agentKey, knownAtMs) => records(standings[agentKey]?.[knownAtMs < LATE ? 0 : 1] ?? 'eligible'),
  isOnePerson: (one, other) => one.replace('2', '') === other.replace('2', ''),
});

export function application(who: string): Application {
  const asked = { referred: false, day: '2026-11-20', state: 'NY', planYear: 2027 };
  if (who === 'unit') return { ...asked, channel: 'plan-change-line', facilitatorKey: null };
  if (who === 'Z') return { ...asked, channel: 'external-call-center', facilitatorKey: who };
  const channel = who === 'A' ? 'own-agent-application' : 'external-agent-application';
  return { ...asked, channel, facilitatorKey: who };
}

/** `X@2`, or `X@2!` if it is reversed. The id is the position. */
export function election(written: string, index: number): Election {
  const [who = '', month] = written.replace('!', '').split('@');
  return {
    planChangeId: String(index),
    planId: `P${index}`,
    effectiveOn: day(Number(month)),
    reversed: written.endsWith('!'),
    asked: application(who),
    knownAtMs: EARLY,
    decided: null,
  };
}

export const factsOf = (
  changes: readonly string[] = [],
  disenrolments: readonly Disenrolment[] = [],
  agentKey: string | null = 'A',
): CustomerFacts => ({
  base: { from: FIRST_DAY, planId: 'BASE', agentKey },
  elections: changes.map(election),
  disenrolments,
});

/** The facts once the decisions of this history are recorded. */
export const withDecisions = (facts: CustomerFacts, { decisions }: CustomerHistory): CustomerFacts => ({
  ...facts,
  elections: facts.elections.map((each) => {
    const made = decisions.find(({ planChangeId }) => planChangeId === each.planChangeId);
    return made === undefined
      ? each
      : { ...each, decided: { evidence: made.evidence, decision: made.decision } };
  }),
});

export const recorded = (facts: CustomerFacts, agents: KnownAgents): CustomerFacts =>
  withDecisions(facts, whatHolds(facts, agents));

/** What the rule answers to a new change, by the day before it takes effect. */
export function answerToNew(
  { asked, effectiveOn }: Election,
  { agentsOfRecord }: CustomerHistory,
  agents: KnownAgents,
): AorAnswer {
  const dayBefore = new Date(Date.parse(effectiveOn) - 86_400_000).toISOString().slice(0, 10);
  const originalKey = periodOn(agentsOfRecord, dayBefore)?.agentKey ?? null;
  const { facilitatorKey } = asked;
  const evidenceOf = (agentKey: string | null) =>
    agentKey && { agentKey, standing: standingOn(agents.records(agentKey, EARLY), asked) };
  return decideAgentOfRecord({
    ...asked,
    original: evidenceOf(originalKey) || null,
    facilitator: evidenceOf(facilitatorKey) || null,
    onePerson:
      originalKey !== null && facilitatorKey !== null && agents.isOnePerson(facilitatorKey, originalKey),
  });
}

/** The agent of record on the first of each month from month 0 on; `-`: none. */
export const byMonth = ({ agentsOfRecord }: CustomerHistory, months = 4): string =>
  Array.from({ length: months }, (_, month) => periodOn(agentsOfRecord, day(month))?.agentKey ?? '-').join(
    ' ',
  );

/** Fails unless the periods follow each other without gap or overlap, from the first day on without end. */
export function expectChain(periods: readonly EffectiveDates[]): void {
  const dayBefore = (each: string): string =>
    new Date(Date.parse(each) - 86_400_000).toISOString().slice(0, 10);
  const starts = periods.map(({ from }) => from);
  expect(starts).toEqual([FIRST_DAY, ...new Set(starts.slice(1).toSorted())]);
  expect(periods.map(({ to }) => to)).toEqual([...starts.slice(1).map(dayBefore), null]);
}
