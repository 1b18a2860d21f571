/** Whatever the order in which facts are learnt, the same facts give the same history (spec.md 7b). */
import fc from 'fast-check';
import { decideAgain } from '../../../src/domain/plan-change/agent-of-record';
import { standingOn } from '../../../src/domain/plan-change/agent-standing';
import { reverse } from '../../../src/domain/plan-change/corrections';
import {
  agentsToLookUp,
  countingElections,
  periodOn,
  whatHolds,
  type CustomerFacts,
  type KnownAgents,
} from '../../../src/domain/plan-change/history';
import { expectChain, factsOf, FIRST_DAY, known, withDecisions } from './customer-facts';
import { facts, learn, learnAll, RULES, standings, type Fact } from './learnt-facts';

const MONTHS = 6;

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
