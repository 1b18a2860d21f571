import {
  agentsToLookUp,
  countingElections,
  periodOn,
  successorOf,
  whatHolds,
  type Disenrolment,
} from '../../../src/domain/plan-change/history';
import {
  byMonth,
  day,
  EARLY,
  expectChain,
  factsOf,
  known,
  LATE,
  recorded,
  type Standings,
} from './customer-facts';
import { plusDays } from '../../../src/domain/calendar-day';

const holds = (changes: string[], standings: Standings = {}, disenrolments: Disenrolment[] = []) =>
  whatHolds(factsOf(changes, disenrolments), known(standings));
const EITHER_NEVER: Standings = { A: ['not-certified', 'not-certified'] };

it('A customer without changes has the plan and the agent of the roster', () => {
  expect(holds([])).toEqual({
    enrolments: [{ from: '2026-12-01', to: null, planId: 'BASE' }],
    agentsOfRecord: [{ from: '2026-12-01', to: null, agentKey: 'A' }],
    decisions: [],
  });
});

it.each([
  ['X@1', 'A', 'X', 'X'],
  ['X@1 unit@2', 'A', 'X', 'X'],
  ['X@1 Y@2', 'A', 'X', 'Y'],
  ['X@1 Y@1', 'A', 'Y', 'Y'],
  ['X@1 Y@1!', 'A', 'X', 'X'],
])(
  'With the changes %s, one for January, February or March is decided from %s, %s or %s',
  (changes, ...agents) => {
    const { agentsOfRecord } = whatHolds(recorded(factsOf(changes.split(' ')), known()), known());
    const before = (month: number) => periodOn(agentsOfRecord, plusDays(day(month), -1))?.agentKey;

    expect([1, 2, 3].map(before)).toEqual(agents);
  },
);

describe('two changes', () => {
  /** Who is agent of record in December, January and February: the agent of the roster is eligible, or is not. */
  const table: [changes: string, eligible: string, notEligible: string][] = [
    ['unit@1 unit@1', 'A A A', 'A - -'],
    ['unit@1 unit@2', 'A A A', 'A - -'],
    ['unit@1 X@1', 'A X X', 'A X X'],
    ['unit@1 X@2', 'A A X', 'A - X'],
    ['unit@1 Z@1', 'A Z Z', 'A Z Z'],
    ['unit@1 Z@2', 'A A Z', 'A - Z'],
    ['unit@1 A@1', 'A A A', 'A - -'],
    ['unit@1 A@2', 'A A A', 'A - -'],
    ['unit@1 A2@1', 'A A A', 'A - -'],
    ['unit@1 A2@2', 'A A A', 'A - A2'],
    ['X@1 unit@1', 'A A A', 'A - -'],
    ['X@1 unit@2', 'A X X', 'A X X'],
    ['X@1 X@1', 'A X X', 'A X X'],
    ['X@1 X@2', 'A X X', 'A X X'],
    ['X@1 Y@1', 'A Y Y', 'A Y Y'],
    ['X@1 Y@2', 'A X Y', 'A X Y'],
    ['X@1 Z@1', 'A Z Z', 'A Z Z'],
    ['X@1 Z@2', 'A X Z', 'A X Z'],
    ['X@1 A@1', 'A A A', 'A - -'],
    ['X@1 A2@2', 'A X A2', 'A X A2'],
    ['Z@1 unit@1', 'A A A', 'A - -'],
    ['Z@1 unit@2', 'A Z Z', 'A Z Z'],
    ['Z@1 X@1', 'A X X', 'A X X'],
    ['Z@1 X@2', 'A Z X', 'A Z X'],
    ['Z@1 A2@1', 'A A A', 'A - -'],
  ];

  it.each(table)(
    'Of two changes (%s) the last for a date counts, and a later date adds',
    (changes, eligible, notEligible) => {
      const words = changes.split(' ');

      expect(byMonth(holds(words), 3)).toBe(eligible);
      expect(byMonth(holds(words, EITHER_NEVER), 3)).toBe(notEligible);
    },
  );

  it.each([
    ['unit@1 X@1', 'A A A', 'A - -'],
    ['unit@1 X@2', 'A A A', 'A - -'],
    ['X@1 unit@2', 'A A A', 'A - -'],
    ['X@1 Y@1', 'A Y Y', 'A Y Y'],
    ['Y@1 X@1', 'A A A', 'A - -'],
    ['Y@1 X@2', 'A Y Y', 'A Y Y'],
  ])(
    'A facilitator X of one of two changes (%s) who was not eligible earned nobody anything',
    (changes, eligible, notEligible) => {
      const words = changes.split(' ');
      const without: Standings = { X: ['terminated', 'terminated'] };

      expect(byMonth(holds(words, without), 3)).toBe(eligible);
      expect(byMonth(holds(words, { ...without, ...EITHER_NEVER }), 3)).toBe(notEligible);
    },
  );
});

describe('three changes', () => {
  const DATES = ['1 1 1', '1 1 2', '1 2 2', '1 2 3'];
  /** Who is agent of record in January, February and March, by these dates. If A is not eligible, nobody is instead of A. */
  const table: [who: string, ...byDates: string[]][] = [
    ['unit unit unit', 'A A A', 'A A A', 'A A A', 'A A A'],
    ['unit unit X', 'X X X', 'A X X', 'A X X', 'A A X'],
    ['unit unit Y', 'Y Y Y', 'A Y Y', 'A Y Y', 'A A Y'],
    ['unit X unit', 'A A A', 'X X X', 'A A A', 'A X X'],
    ['unit X X', 'X X X', 'X X X', 'A X X', 'A X X'],
    ['unit X Y', 'Y Y Y', 'X Y Y', 'A Y Y', 'A X Y'],
    ['unit Y unit', 'A A A', 'Y Y Y', 'A A A', 'A Y Y'],
    ['unit Y X', 'X X X', 'Y X X', 'A X X', 'A Y X'],
    ['unit Y Y', 'Y Y Y', 'Y Y Y', 'A Y Y', 'A Y Y'],
    ['X unit unit', 'A A A', 'A A A', 'X X X', 'X X X'],
    ['X unit X', 'X X X', 'A X X', 'X X X', 'X X X'],
    ['X unit Y', 'Y Y Y', 'A Y Y', 'X Y Y', 'X X Y'],
    ['X X unit', 'A A A', 'X X X', 'X X X', 'X X X'],
    ['X X X', 'X X X', 'X X X', 'X X X', 'X X X'],
    ['X X Y', 'Y Y Y', 'X Y Y', 'X Y Y', 'X X Y'],
    ['X Y unit', 'A A A', 'Y Y Y', 'X X X', 'X Y Y'],
    ['X Y X', 'X X X', 'Y X X', 'X X X', 'X Y X'],
    ['X Y Y', 'Y Y Y', 'Y Y Y', 'X Y Y', 'X Y Y'],
    ['Y unit unit', 'A A A', 'A A A', 'Y Y Y', 'Y Y Y'],
    ['Y unit X', 'X X X', 'A X X', 'Y X X', 'Y Y X'],
    ['Y unit Y', 'Y Y Y', 'A Y Y', 'Y Y Y', 'Y Y Y'],
    ['Y X unit', 'A A A', 'X X X', 'Y Y Y', 'Y X X'],
    ['Y X X', 'X X X', 'X X X', 'Y X X', 'Y X X'],
    ['Y X Y', 'Y Y Y', 'X Y Y', 'Y Y Y', 'Y X Y'],
    ['Y Y unit', 'A A A', 'Y Y Y', 'Y Y Y', 'Y Y Y'],
    ['Y Y X', 'X X X', 'Y X X', 'Y X X', 'Y Y X'],
    ['Y Y Y', 'Y Y Y', 'Y Y Y', 'Y Y Y', 'Y Y Y'],
  ];

  it.each(table)('Three changes, by %s, give the agent of record of every day', (who, ...byDates) => {
    for (const [index, expected] of byDates.entries()) {
      const months = DATES[index]!.split(' ');
      const changes = who.split(' ').map((each, position) => `${each}@${months[position]}`);

      expect(byMonth(holds(changes))).toBe(`A ${expected}`);
      expect(byMonth(holds(changes, EITHER_NEVER))).toBe(`A ${expected.replaceAll('A', '-')}`);
    }
  });
});

describe('reversed changes', () => {
  it.each([
    ['X@1!', 'A A A A'],
    ['X@1 unit@1!', 'A X X X'],
    ['X@1! unit@1!', 'A A A A'],
    ['X@1! unit@2', 'A A A A'],
    ['X@1! Y@2', 'A A Y Y'],
    ['X@1 Y@2! unit@3', 'A X X X'],
    ['unit@1 X@1! Y@1', 'A Y Y Y'],
    ['unit@1 X@1! Y@1!', 'A A A A'],
    ['X@1 Y@2! unit@2', 'A X X X'],
    ['Y@3! X@1', 'A X X X'],
  ])('A reversed change never was: %s', (changes, expected) => {
    expect(byMonth(holds(changes.split(' ')))).toBe(expected);
  });

  it('A change recorded after a later one was reversed may take effect before it', () => {
    const { decisions, enrolments } = holds(['unit@3!', 'unit@1', 'X@2']);

    expect(decisions.map(({ planChangeId }) => planChangeId)).toEqual(['1', '2']);
    expect(enrolments.map(({ planId }) => planId)).toEqual(['BASE', 'P1', 'P2']);
  });
});

describe('decisions', () => {
  it('An own agent’s application becomes an external one when another agent is agent of record before it', () => {
    // Y's change was recorded between both, so that A was no longer agent of record.
    const [, second] = holds(['Y@1', 'A@2']).decisions;

    expect(second).toMatchObject({
      decision: { outcome: 'transferred', reason: 'external-agent-facilitated', agentKey: 'A' },
      evidence: { again: true, original: { agentKey: 'Y' }, onePerson: false },
    });
  });

  it('An external agent’s application becomes the own agent’s when that agent is agent of record before it', () => {
    const [, second] = holds(['X@1', 'X@2']).decisions;

    expect(second).toMatchObject({
      decision: { outcome: 'retained', reason: 'own-agent-applied', agentKey: 'X' },
    });
  });

  it('A decision stands as it was made while the agent before it is the same', () => {
    const agents = known();
    const facts = recorded(factsOf(['X@1', 'unit@2']), agents);
    const changed = known({ A: ['terminated', 'terminated'], X: ['terminated', 'terminated'] });

    const { decisions } = whatHolds(facts, changed);

    expect(decisions.map(({ madeAgain }) => madeAgain)).toEqual([false, false]);
    expect(decisions.map(({ decision }) => decision.agentKey)).toEqual(['X', 'X']);
  });

  it('Only what was decided from a reversed change is made again', () => {
    const agents = known();
    const facts = recorded(factsOf(['unit@1', 'X@2', 'unit@3']), agents);
    const elections = facts.elections.map((each, index) => ({ ...each, reversed: index === 1 }));

    const { decisions } = whatHolds({ ...facts, elections }, agents);

    expect(decisions.map(({ planChangeId, madeAgain }) => [planChangeId, madeAgain])).toEqual([
      ['0', false],
      ['2', true],
    ]);
  });

  it('A decision made again keeps the rows and the day that it was made by', () => {
    const [first] = holds(['unit@1']).decisions;

    expect(first?.evidence).toMatchObject({
      day: '2026-11-20',
      original: { records: { certifications: [{ planYear: 2027, from: '2026-09-01', to: null }] } },
    });
    expect(first?.evidence).not.toHaveProperty('facilitatorKey');
  });
});

describe('enrolments that ended at the carrier', () => {
  const ended = (enrolledFrom: string, lastDay: string | null): Disenrolment => ({ enrolledFrom, lastDay });

  it.each<[string, string, Disenrolment[], string]>([
    ['the roster’s enrolment', '', [ended('2026-12-01', '2027-01-31')], 'A A - -'],
    ['before the next plan', 'unit@2', [ended('2026-12-01', '2026-12-31')], 'A - - -'],
    ['before a plan that another agent brings', 'X@2', [ended('2026-12-01', '2026-12-31')], 'A - X X'],
    ['on the last day before the next plan', 'unit@2', [ended('2026-12-01', '2027-01-31')], 'A A A A'],
    ['after the next plan began', 'unit@2', [ended('2026-12-01', '2027-02-28')], 'A A A A'],
    ['the enrolment of a change', 'X@1', [ended('2027-01-01', '2027-01-31')], 'A X - -'],
    ['the enrolment of a reversed change', 'X@1!', [ended('2027-01-01', '2027-01-31')], 'A A A A'],
    ['before it began', 'X@1', [ended('2027-01-01', '2026-12-31')], 'A - - -'],
    [
      'with a date put right',
      '',
      [ended('2026-12-01', '2026-12-31'), ended('2026-12-01', '2027-02-28')],
      'A A A -',
    ],
    ['taken back', '', [ended('2026-12-01', '2026-12-31'), ended('2026-12-01', null)], 'A A A A'],
    [
      'taken back before a later change',
      'unit@2',
      [ended('2026-12-01', '2026-12-31'), ended('2026-12-01', null)],
      'A A A A',
    ],
    ['taken back by mistake', '', [ended('2026-12-01', null), ended('2026-12-01', '2026-12-31')], 'A - - -'],
    ['an enrolment that there is not', 'X@1', [ended('2027-02-01', '2027-02-28')], 'A X X X'],
  ])(
    'A disenrolment ends plan and agent until the next plan: %s',
    (_which, changes, disenrolments, expected) => {
      const history = holds(changes.split(' ').filter(Boolean), {}, disenrolments);

      expect(byMonth(history)).toBe(expected);
      expectChain(history.enrolments);
      expectChain(history.agentsOfRecord);
    },
  );

  it('A period without a plan follows the last day', () => {
    expect(holds([], {}, [ended('2026-12-01', '2027-01-15')])).toMatchObject({
      enrolments: [
        { from: '2026-12-01', to: '2027-01-15', planId: 'BASE' },
        { from: '2027-01-16', to: null, planId: null },
      ],
      agentsOfRecord: [
        { from: '2026-12-01', to: '2027-01-15', agentKey: 'A' },
        { from: '2027-01-16', to: null, agentKey: null },
      ],
    });
  });
});

it('The successor of a change is the next one for its date that is not reversed', () => {
  const { elections } = factsOf(['X@1', 'unit@2', 'Y@1!', 'unit@1', 'X@1']);
  const idOf = (index: number): string | null =>
    successorOf(elections[index]!, elections)?.planChangeId ?? null;

  expect(elections.map((_, index) => idOf(index))).toEqual(['3', null, '3', '4', null]);
  expect(countingElections(elections).map(({ planChangeId }) => planChangeId)).toEqual(['4', '1']);
});

it('Agents are looked up as known when each change’s standing was determined', () => {
  const facts = factsOf(['X@1', 'unit@2', 'Y@3', 'Z@3!']);
  const elections = facts.elections.map((each, index) => (index === 1 ? { ...each, knownAtMs: LATE } : each));

  expect(agentsToLookUp({ ...facts, elections })).toEqual([
    { agentKey: 'A', knownAtMs: EARLY },
    { agentKey: 'X', knownAtMs: EARLY },
    { agentKey: 'A', knownAtMs: LATE },
    { agentKey: 'X', knownAtMs: LATE },
    { agentKey: 'Y', knownAtMs: EARLY },
  ]);
  expect(day(3)).toBe('2027-03-01');
});
