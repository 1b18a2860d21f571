import fc from 'fast-check';
import {
  isFinal,
  statementMonth,
  statementOf,
  type EarningsVersion,
  type Statement,
  type StatementMonth,
} from '../../../src/domain/plan-change/commission-statement';
import { reverse } from '../../../src/domain/plan-change/corrections';
import { planChangePolicy } from '../../support/brand';
import {
  HISTORY_CAUSES,
  periodOn,
  whatHolds,
  type CustomerFacts,
} from '../../../src/domain/plan-change/history';
import { plusDays } from '../../../src/domain/calendar-day';
import { DAY_MS } from '../../../src/domain/time';
import { day, factsOf, known, recorded } from './customer-facts';

const monthOf = (month: string): StatementMonth => statementMonth(planChangePolicy, month);

describe('The month of a statement', () => {
  it.each([
    ['2027-01', '2027-01-01', '2027-01-31', '2027-01-01T05:00Z', '2027-02-01T05:00Z'],
    ['2027-02', '2027-02-01', '2027-02-28', '2027-02-01T05:00Z', '2027-03-01T05:00Z'],
    ['2027-03', '2027-03-01', '2027-03-31', '2027-03-01T05:00Z', '2027-04-01T04:00Z'],
    ['2028-02', '2028-02-01', '2028-02-29', '2028-02-01T05:00Z', '2028-03-01T05:00Z'],
    ['2027-12', '2027-12-01', '2027-12-31', '2027-12-01T05:00Z', '2028-01-01T05:00Z'],
  ])('%s is from %s to %s, where the unit works', (month, firstDay, lastDay, from, until) => {
    expect(monthOf(month)).toEqual({
      firstDay,
      lastDay,
      fromMs: Date.parse(from),
      untilMs: Date.parse(until),
    });
  });

  it('A statement is final a day after its month', () => {
    const month = monthOf('2027-01');

    expect([0, DAY_MS - 1, DAY_MS].map((ms) => isFinal(month, month.untilMs + ms))).toEqual([
      false,
      false,
      true,
    ]);
  });
});

/** What is known after a fact, as a version of the agents' earnings. */
function versionOf(
  facts: CustomerFacts,
  knownFrom: string,
  about: Partial<Pick<EarningsVersion, 'cause' | 'planChangeId' | 'correctionId' | 'reason'>> = {},
): EarningsVersion {
  const { enrolments, agentsOfRecord, decisions } = whatHolds(facts, known());
  return {
    knownFromMs: Date.parse(knownFrom),
    cause: 'roster',
    planChangeId: null,
    correctionId: null,
    reason: null,
    ...about,
    enrolments,
    agentsOfRecord,
    decisions: decisions.map(({ decision, ...change }) => ({ ...change, ...decision })),
  };
}

const change = (id: string) => ({ cause: 'plan-change', planChangeId: id }) as const;

/** `+` owed, `<` taken back, `>` added later. */
const inWords = ({ owed, takenBack, addedLater }: Statement): string[] => [
  ...owed.map(
    ({ from, to, planId, planChangeId }) => `+ ${planId} ${from} ${to} ${planChangeId ?? 'roster'}`,
  ),
  ...takenBack.map(({ from, to, planId, cause }) => `< ${planId} ${from} ${to} ${cause}`),
  ...addedLater.map(({ from, to, planId, cause }) => `> ${planId} ${from} ${to} ${cause}`),
];

const roster = versionOf(factsOf(), '2026-11-20T12:00Z');

describe('The customer of A whom X enrols from January on, until that is reversed in February', () => {
  const enrolled = recorded(factsOf(['X@1']), known());
  const rules = { today: '2027-02-10', reversibleDays: 60 };
  const reversal = reverse({ planChangeId: '0', stage: 'completed' }, enrolled, known(), rules);
  if (reversal.kind === 'refused') throw new Error(reversal.reason);
  const about = { ...change('0'), cause: 'reversal', correctionId: 'R', reason: 'rejected-by-cms' } as const;
  const versions = [
    roster,
    versionOf(enrolled, '2026-11-25T12:00Z', change('0')),
    versionOf(reversal.facts, '2027-02-10T12:00Z', about),
  ];

  it.each<[string, string, string[]]>([
    ['A', '2026-11', []],
    ['A', '2026-12', ['+ BASE 2026-12-01 2026-12-31 roster']],
    ['A', '2027-01', []],
    ['A', '2027-02', ['+ BASE 2027-02-01 2027-02-28 roster', '> BASE 2027-01-01 2027-01-31 reversal']],
    ['A', '2027-03', ['+ BASE 2027-03-01 2027-03-31 roster']],
    ['X', '2026-12', []],
    ['X', '2027-01', ['+ P0 2027-01-01 2027-01-31 0']],
    ['X', '2027-02', ['< P0 2027-01-01 2027-01-31 reversal']],
    ['X', '2027-03', []],
    ['Y', '2027-02', []],
  ])('%s in %s: %j', (agentKey, month, lines) => {
    expect(inWords(statementOf(agentKey, versions, monthOf(month)))).toEqual(lines);
  });

  it('The statement names the correction, its change and reason, and the time', () => {
    expect(statementOf('X', versions, monthOf('2027-02')).takenBack).toEqual([
      {
        from: '2027-01-01',
        to: '2027-01-31',
        planId: 'P0',
        knownFromMs: Date.parse('2027-02-10T12:00Z'),
        ...about,
      },
    ]);
  });
});

describe('What else a statement says', () => {
  it.each<[string, EarningsVersion[], string, string, string[]]>([
    [
      'a roster that brings a customer late adds the earlier months',
      [versionOf(factsOf(), '2027-02-10T12:00Z')],
      'A',
      '2027-02',
      ['+ BASE 2027-02-01 2027-02-28 roster', '> BASE 2026-12-01 2027-01-31 roster'],
    ],
    [
      'a change that leaves the agent in place says from which change the plan comes',
      [roster, versionOf(factsOf(['unit@1']), '2026-11-25T12:00Z', change('0'))],
      'A',
      '2027-01',
      ['+ P0 2027-01-01 2027-01-31 0'],
    ],
    [
      'a day is owed for another plan: taken back for one and added for the other',
      [
        roster,
        versionOf(factsOf(['unit@1']), '2026-11-25T12:00Z', change('0')),
        versionOf(factsOf(['unit@1!']), '2027-02-03T12:00Z', { ...change('0'), cause: 'reversal' }),
      ],
      'A',
      '2027-02',
      [
        '+ BASE 2027-02-01 2027-02-28 roster',
        '< P0 2027-01-01 2027-01-31 reversal',
        '> BASE 2027-01-01 2027-01-31 reversal',
      ],
    ],
    [
      'a change in the place of another before its date corrects nothing',
      [
        roster,
        versionOf(factsOf(['X@1']), '2026-11-25T12:00Z', change('0')),
        versionOf(factsOf(['X@1', 'unit@1']), '2026-12-10T12:00Z', change('1')),
      ],
      'X',
      '2027-01',
      [],
    ],
    [
      'a change that was completed after its date takes days of the month before',
      [roster, versionOf(factsOf(['X@1']), '2027-02-03T12:00Z', change('0'))],
      'A',
      '2027-02',
      ['< BASE 2027-01-01 2027-01-31 plan-change'],
    ],
    [
      'a disenrolment ends the month early',
      [
        roster,
        versionOf(factsOf([], [{ enrolledFrom: day(0), lastDay: '2027-01-15' }]), '2027-01-20T12:00Z', {
          cause: 'disenrolment',
        }),
      ],
      'A',
      '2027-01',
      ['+ BASE 2027-01-01 2027-01-15 roster'],
    ],
    [
      'what is taken back and given back in one month is told twice',
      [
        roster,
        versionOf(factsOf(['X@1']), '2027-02-03T12:00Z', change('0')),
        versionOf(factsOf(['X@1!']), '2027-02-04T12:00Z', { ...change('0'), cause: 'reversal' }),
      ],
      'A',
      '2027-02',
      [
        '+ BASE 2027-02-01 2027-02-28 roster',
        '< BASE 2027-01-01 2027-01-31 plan-change',
        '> BASE 2027-01-01 2027-01-31 reversal',
      ],
    ],
  ])('%s', (_what, versions, agentKey, month, lines) => {
    expect(inWords(statementOf(agentKey, versions, monthOf(month)))).toEqual(lines);
  });

  it('An agent of record whose commission ended with the last change is owed nothing from then on', () => {
    const kept = versionOf(factsOf(['unit@1']), '2026-11-25T12:00Z', change('0'));
    const ended = {
      ...kept,
      decisions: kept.decisions.map((decision) => ({ ...decision, commissionContinues: false })),
    };

    expect(inWords(statementOf('A', [roster, ended], monthOf('2026-12')))).toEqual([
      '+ BASE 2026-12-01 2026-12-31 roster',
    ]);
    expect(inWords(statementOf('A', [roster, ended], monthOf('2027-01')))).toEqual([]);
  });

  it.each([
    ['2027-02-01T04:59:59.999Z', ['+ P0 2027-01-01 2027-01-31 0'], []],
    ['2027-02-01T05:00:00Z', [], ['> P0 2027-01-01 2027-01-31 plan-change']],
  ])('The month ends at midnight where the unit works: what is known at %s', (time, january, february) => {
    const versions = [roster, versionOf(factsOf(['X@1']), time, change('0'))];
    const of = (month: string) => inWords(statementOf('X', versions, monthOf(month)));

    expect(of('2027-01')).toEqual(january);
    expect(of('2027-02')).toEqual(['+ P0 2027-02-01 2027-02-28 0', ...february]);
  });
});

describe('Whatever became known, and when', () => {
  const MONTHS = ['2026-11', '2026-12', '2027-01', '2027-02', '2027-03'].map(monthOf);
  const FIRST = MONTHS[0]!;
  const LAST = MONTHS.at(-1)!;
  const DAYS = Array.from({ length: 151 }, (_, index) => plusDays(FIRST.firstDay, index));

  /** Periods from the first day on, each with one of the values. */
  const chain = <T>(values: readonly T[]) =>
    fc
      .uniqueArray(fc.nat(DAYS.length - 1), { maxLength: 4 })
      .chain((starts) =>
        fc.tuple(
          ...[0, ...starts.toSorted((a, b) => a - b)].map((start) =>
            fc.tuple(fc.constant(DAYS[start]!), fc.constantFrom(...values)),
          ),
        ),
      )
      .map((begun) => begun.filter(([from], index) => from !== begun[index + 1]?.[0]))
      .map((begun) =>
        begun.map(([from, value], index) => {
          const next = begun[index + 1];
          return { from, to: next ? plusDays(next[0], -1) : null, value };
        }),
      );

  const version: fc.Arbitrary<EarningsVersion> = fc
    .record({
      knownFromMs: fc.integer({ min: FIRST.fromMs - 20 * DAY_MS, max: LAST.untilMs + 20 * DAY_MS }),
      cause: fc.constantFrom(...HISTORY_CAUSES),
      plans: chain(['P1', 'P2', null]),
      agents: chain(['A', 'X', null]),
      outcomes: fc.array(
        fc.record({
          outcome: fc.constantFrom('retained', 'transferred', 'ended'),
          commissionContinues: fc.boolean(),
        }),
        { minLength: 5, maxLength: 5 },
      ),
    })
    .map(({ knownFromMs, cause, plans, agents, outcomes }) => ({
      knownFromMs,
      cause,
      planChangeId: null,
      correctionId: null,
      reason: null,
      enrolments: plans.map(({ value, ...days }) => ({ ...days, planId: value })),
      agentsOfRecord: agents.map(({ value, ...days }) => ({ ...days, agentKey: value })),
      // Each enrolment but the roster's comes from a change.
      decisions: plans.slice(1).map(({ from }, index) => ({
        planChangeId: `C${index}`,
        effectiveOn: from,
        ...outcomes[index]!,
      })),
    }));
  const versions = fc
    .uniqueArray(version, { minLength: 1, maxLength: 6, selector: ({ knownFromMs }) => knownFromMs })
    .map((all) => all.toSorted((one, other) => one.knownFromMs - other.knownFromMs));

  /** The plan for which A earns commission that day, by the words of the spec alone; undefined: for none. */
  function earnedOn({ enrolments, agentsOfRecord, decisions }: EarningsVersion, on: string) {
    if (periodOn(agentsOfRecord, on)?.agentKey !== 'A') return undefined;
    const last = decisions.filter(({ effectiveOn }) => effectiveOn <= on).at(-1);
    if (last?.outcome === 'retained' && !last.commissionContinues) return undefined;
    return periodOn(enrolments, on)?.planId;
  }

  const daysOf = ({ from, to }: { readonly from: string; readonly to: string }): string[] =>
    DAYS.filter((each) => from <= each && each <= to);

  it('What is owed and added less what is taken back, up to a month, are the days as known at its end', () => {
    fc.assert(
      fc.property(versions, (all) => {
        /** Which days are owed for which plan, and how often. */
        const counted = new Map<string, number>();
        const count = (list: Statement[keyof Statement], times: number): void => {
          for (const period of list)
            for (const each of daysOf(period)) {
              const key = `${each} ${period.planId}`;
              counted.set(key, (counted.get(key) ?? 0) + times);
            }
        };
        for (const month of MONTHS) {
          const { owed, takenBack, addedLater } = statementOf('A', all, month);
          count(owed, 1);
          count(takenBack, -1);
          count(addedLater, 1);

          const atEnd = all.filter(({ knownFromMs }) => knownFromMs < month.untilMs).at(-1);
          const expected = DAYS.filter((each) => each <= month.lastDay && atEnd !== undefined).flatMap(
            (each) => {
              const planId = earnedOn(atEnd!, each);
              return planId === undefined ? [] : [`${each} ${planId}`];
            },
          );
          const lines = [...counted].filter(([, times]) => times !== 0).map((entry) => entry.join(' '));
          expect(lines.toSorted()).toEqual(expected.map((each) => `${each} 1`).toSorted());
        }
      }),
      { numRuns: 100 },
    );
  });

  it('The statement of a month does not change by what becomes known after it, or was known long before', () => {
    fc.assert(
      fc.property(versions, fc.constantFrom(...MONTHS), (all, month) => {
        const before = all.findLastIndex(({ knownFromMs }) => knownFromMs < month.fromMs);
        const after = all.filter(({ knownFromMs }) => knownFromMs < month.untilMs).length;

        expect(statementOf('A', all.slice(Math.max(0, before), after), month)).toEqual(
          statementOf('A', all, month),
        );
      }),
      { numRuns: 100 },
    );
  });
});
