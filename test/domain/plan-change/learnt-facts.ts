/** Facts about a customer in any order, for properties: those that the rules permit are learnt. */
import fc from 'fast-check';
import { redetermine, reverse } from '../../../src/domain/plan-change/corrections';
import {
  countingElections,
  whatHolds,
  type CustomerFacts,
  type KnownAgents,
} from '../../../src/domain/plan-change/history';
import {
  answerToNew,
  day,
  election,
  factsOf,
  FIRST_DAY,
  LATE,
  recorded,
  withDecisions,
  type Eligibility,
  type Standings,
} from './customer-facts';

export const RULES = { today: '2027-01-01', reversibleDays: 60 };

/** One fact that is learnt; `of`: a change's id. */
export type Fact =
  | { readonly kind: 'change'; readonly id: number; readonly written: string }
  | { readonly kind: 'reversal' | 'redetermination'; readonly of: number }
  | { readonly kind: 'disenrolment'; readonly month: number; readonly afterDays: number };

const eligibility = fc.constantFrom<Eligibility>('eligible', 'eligible', 'terminated', 'not-certified');
export const standings: fc.Arbitrary<Standings> = fc.record({
  A: fc.tuple(eligibility, eligibility),
  X: fc.tuple(eligibility, eligibility),
  Y: fc.tuple(eligibility, eligibility),
  Z: fc.tuple(eligibility, eligibility),
});
const who = fc.constantFrom('unit', 'unit', 'A', 'A2', 'X', 'Y', 'Z');
const fact: fc.Arbitrary<Fact> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('change'),
      id: fc.constant(0),
      written: fc.tuple(who, fc.integer({ min: 1, max: 4 })).map(([name, month]) => `${name}@${month}`),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reversal'), of: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('redetermination'), of: fc.nat(5) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('disenrolment'), month: fc.nat(4), afterDays: fc.nat(70) }),
  },
);
/** Changes are numbered in their order. */
export const facts = fc.array(fact, { minLength: 1, maxLength: 9 }).map((all) => {
  let id = 0;
  return all.map((each): Fact => (each.kind === 'change' ? { ...each, id: id++ } : each));
});

/** What is known after a fact, with its decisions; null: the rules do not permit it. */
export function learn(before: CustomerFacts, each: Fact, agents: KnownAgents): CustomerFacts | null {
  switch (each.kind) {
    case 'change': {
      const made = election(each.written, each.id);
      const latest = countingElections(before.elections).at(-1)?.effectiveOn ?? FIRST_DAY;
      const answer = answerToNew(made, whatHolds(before, agents), agents);
      if (made.effectiveOn < latest || answer.kind !== 'decided') return null;
      const after = recorded({ ...before, elections: [...before.elections, made] }, agents);
      // What the rule decided for a new change is what the history has.
      expect(after.elections.at(-1)?.decided?.decision).toEqual(answer.decision);
      return after;
    }
    case 'reversal':
    case 'redetermination': {
      const change = { planChangeId: String(each.of), stage: 'completed' } as const;
      const answer =
        each.kind === 'reversal'
          ? reverse(change, before, agents, RULES)
          : redetermine(change, before, agents, LATE);
      return answer.kind === 'refused' ? null : withDecisions(answer.facts, answer.history);
    }
    case 'disenrolment': {
      const enrolledFrom = day(each.month);
      if (before.disenrolments.some((other) => other.enrolledFrom === enrolledFrom)) return null;
      const lastDay = new Date(Date.parse(enrolledFrom) + each.afterDays * 86_400_000)
        .toISOString()
        .slice(0, 10);
      return recorded(
        { ...before, disenrolments: [...before.disenrolments, { enrolledFrom, lastDay }] },
        agents,
      );
    }
  }
}

/** Everything that the rules permit, in this order; `learnt`: which facts those were. */
export function learnAll(
  all: readonly Fact[],
  agents: KnownAgents,
): { known: CustomerFacts; learnt: Fact[] } {
  let current = factsOf();
  const learnt: Fact[] = [];
  for (const each of all) {
    const next = learn(current, each, agents);
    if (next === null) continue;
    current = next;
    learnt.push(each);
  }
  return { known: current, learnt };
}
