/** Whatever the order in which facts are learnt, the same facts give the same history (spec.md 7b). */
import fc from 'fast-check';
import { decideAgain } from '../../../src/domain/plan-change/agent-of-record';
import { standingOn } from '../../../src/domain/plan-change/agent-standing';
import { redetermine, reverse } from '../../../src/domain/plan-change/corrections';
import {
  agentsToLookUp,
  countingElections,
  periodOn,
  whatHolds,
  type CustomerFacts,
  type KnownAgents,
} from '../../../src/domain/plan-change/history';
import {
  answerToNew,
  day,
  election,
  expectChain,
  factsOf,
  FIRST_DAY,
  known,
  LATE,
  recorded,
  withDecisions,
  type Eligibility,
  type Standings,
} from './customer-facts';

const MONTHS = 6;
const RULES = { today: '2027-01-01', reversibleDays: 60 };

/** One fact that is learnt; `of`: a change's id. */
type Fact =
  | { readonly kind: 'change'; readonly id: number; readonly written: string }
  | { readonly kind: 'reversal' | 'redetermination'; readonly of: number }
  | { readonly kind: 'disenrolment'; readonly month: number; readonly afterDays: number };

const eligibility = fc.constantFrom<Eligibility>('eligible', 'eligible', 'terminated', 'not-certified');
const standings: fc.Arbitrary<Standings> = fc.record({
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
const facts = fc.array(fact, { minLength: 1, maxLength: 9 }).map((all) => {
  let id = 0;
  return all.map((each): Fact => (each.kind === 'change' ? { ...each, id: id++ } : each));
});

/** What is known after a fact, with its decisions; null: the rules do not permit it. */
function learn(before: CustomerFacts, each: Fact, agents: KnownAgents): CustomerFacts | null {
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

/** Plan and agent of record of a day by the words of the spec alone: from the day before, without periods or earlier decisions. */
function onDay(known_: CustomerFacts, agents: KnownAgents, on: string): [string | null, string | null] {
  const { base, elections, disenrolments } = known_;
  const last = elections
    .filter(({ reversed, effectiveOn }) => !reversed && effectiveOn <= on)
    .reduce<CustomerFacts['elections'][number] | null>(
      (best, each) => (best === null || each.effectiveOn >= best.effectiveOn ? each : best),
      null,
    );
  const from = last?.effectiveOn ?? base.from;
  const ended = disenrolments.find(({ enrolledFrom }) => enrolledFrom === from);
  if ((ended?.lastDay ?? on) < on) return [null, null];
  if (last === null) return [base.planId, base.agentKey];
  const dayBefore = new Date(Date.parse(from) - 86_400_000).toISOString().slice(0, 10);
  const [, before] = onDay(known_, agents, dayBefore);
  const { asked, knownAtMs } = last;
  const evidenceOf = (agentKey: string) => ({
    agentKey,
    standing: standingOn(agents.records(agentKey, knownAtMs), asked),
  });
  const { agentKey } = decideAgain({
    ...asked,
    original: before === null ? null : evidenceOf(before),
    facilitator: asked.facilitatorKey === null ? null : evidenceOf(asked.facilitatorKey),
    onePerson:
      before !== null && asked.facilitatorKey !== null && agents.isOnePerson(asked.facilitatorKey, before),
  });
  return [last.planId, agentKey];
}

const DAYS = Array.from({ length: MONTHS * 31 }, (_, index) =>
  new Date(Date.parse(FIRST_DAY) + index * 86_400_000).toISOString().slice(0, 10),
).filter((each) => /-(01|16)$/.test(each));

const byDays = (all: CustomerFacts, agents: KnownAgents): [string | null, string | null][] => {
  const { enrolments, agentsOfRecord } = whatHolds(all, agents);
  return DAYS.map((each) => [
    periodOn(enrolments, each)?.planId ?? null,
    periodOn(agentsOfRecord, each)?.agentKey ?? null,
  ]);
};

/** Everything that the rules permit, in this order; `learnt`: which facts those were. */
function learnAll(all: readonly Fact[], agents: KnownAgents): { known: CustomerFacts; learnt: Fact[] } {
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

it('However facts were learnt, plan and agent of record of every day follow from the facts alone', () => {
  fc.assert(
    fc.property(standings, facts, (standing, all) => {
      const agents = known(standing);
      let current = factsOf();
      for (const each of all) {
        current = learn(current, each, agents) ?? current;
        const { enrolments, agentsOfRecord } = whatHolds(current, agents);

        expect(byDays(current, agents)).toEqual(DAYS.map((on) => onDay(current, agents, on)));
        for (const periods of [enrolments, agentsOfRecord]) expectChain(periods);
        for (const [index, { agentKey }] of agentsOfRecord.entries())
          expect(agentKey).not.toBe(agentsOfRecord[index + 1]?.agentKey);
      }
    }),
    { numRuns: 80 },
  );
});

it('The same facts in another order that the rules permit give the same history', () => {
  let compared = 0;
  fc.assert(
    fc.property(
      standings,
      facts,
      fc.array(fc.nat(), { minLength: 9, maxLength: 9 }),
      (standing, all, places) => {
        const agents = known(standing);
        const { known: expected, learnt } = learnAll(all, agents);
        // Changes keep their order, which decides which one is the last; everything else moves.
        const changes = learnt.filter(({ kind }) => kind === 'change');
        const shuffled = learnt
          .filter(({ kind }) => kind !== 'change')
          .reduce<Fact[]>(
            (order, each, index) => order.toSpliced((places[index] ?? 0) % (order.length + 1), 0, each),
            changes,
          );
        const other = learnAll(shuffled, agents);
        if (other.learnt.length < learnt.length) return;
        if (shuffled.some((each, index) => each !== learnt[index])) compared += 1;

        expect(byDays(other.known, agents)).toEqual(byDays(expected, agents));
        expect(whatHolds(other.known, agents).decisions.map(({ decision }) => decision)).toEqual(
          whatHolds(expected, agents).decisions.map(({ decision }) => decision),
        );
      },
    ),
    { numRuns: 500 },
  );

  expect(compared).toBeGreaterThan(50);
});

it('A reversed change leaves what would have been without it', () => {
  fc.assert(
    fc.property(standings, facts, fc.nat(5), (standing, all, which) => {
      const agents = known(standing);
      const { known: before } = learnAll(all, agents);
      const change = { planChangeId: String(which), stage: 'completed' } as const;
      const answer = reverse(change, before, agents, RULES);
      if (answer.kind === 'refused') return;
      const without = before.elections
        .filter(({ planChangeId }) => planChangeId !== change.planChangeId)
        .map((each) => ({ ...each, decided: null }));

      expect(byDays(answer.facts, agents)).toEqual(byDays({ ...before, elections: without }, agents));
    }),
    { numRuns: 80 },
  );
});

it('A customer whose changes are all reversed has the plan and the agent of the roster again', () => {
  fc.assert(
    fc.property(standings, facts, fc.boolean(), (standing, all, newestFirst) => {
      const agents = known(standing);
      let { known: current } = learnAll(
        all.filter(({ kind }) => kind !== 'disenrolment'),
        agents,
      );
      for (;;) {
        const next = countingElections(current.elections).at(newestFirst ? -1 : 0);
        if (next === undefined) break;
        const answer = reverse({ ...next, stage: 'completed' }, current, agents, RULES);
        if (answer.kind === 'refused') throw new Error(answer.reason);
        current = withDecisions(answer.facts, answer.history);
      }

      expect(whatHolds(current, agents)).toEqual(whatHolds(factsOf(), agents));
    }),
    { numRuns: 50 },
  );
});

it('A history asks for no agent but those to look up', () => {
  fc.assert(
    fc.property(standings, facts, (standing, all) => {
      const agents = known(standing);
      const { known: current } = learnAll(all, agents);
      const undecided = {
        ...current,
        elections: current.elections.map((each) => ({ ...each, decided: null })),
      };
      for (const each of [current, undecided]) {
        const lookedUp = agentsToLookUp(each).map(({ agentKey, knownAtMs }) => `${agentKey} ${knownAtMs}`);
        whatHolds(each, {
          ...agents,
          records: (agentKey, knownAtMs) => {
            expect(lookedUp).toContain(`${agentKey} ${knownAtMs}`);
            return agents.records(agentKey, knownAtMs);
          },
        });
      }
    }),
    { numRuns: 50 },
  );
});
