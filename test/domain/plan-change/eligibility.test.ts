import {
  fitsChannel,
  possibleAgents,
  ineligibility,
  yearOf,
  type CustomerOnRecord,
  type EnrolmentOnRecord,
  type Ineligibility,
  type PlanOffer,
} from '../../../src/domain/plan-change/eligibility';
import { planChangeRouting, type PlanChangeChannel } from '../../../src/domain/plan-change/routing';

const TODAY = '2026-07-15';
const NEXT_MONTH = '2026-08-01';

const enrolled = (planId: string, from: string, to: string | null = null): EnrolmentOnRecord => ({
  planId,
  planType: 'medicare-advantage',
  from,
  to,
});
const customer: CustomerOnRecord = {
  customerId: 'C1',
  state: 'NY',
  enrolments: [enrolled('FORMER', '2024-01-01', '2025-12-31'), enrolled('PRESENT', '2026-01-01')],
  agentKey: 'A1',
  agentKeyBefore: 'A0',
};
const plan: PlanOffer = {
  planId: 'WANTED',
  name: 'Wanted',
  type: 'medicare-advantage',
  states: ['NJ', 'NY'],
  offeredFrom: '2026-01-01',
  offeredTo: null,
};

const withEnrolments = (...enrolments: EnrolmentOnRecord[]): CustomerOnRecord => ({
  ...customer,
  enrolments,
});

it('A customer with an active enrolment can change to a plan that is offered', () => {
  expect(ineligibility(TODAY, customer, { plan, effectiveOn: NEXT_MONTH })).toBeNull();
  expect(ineligibility(TODAY, customer, {})).toBeNull();
});

describe('active enrolment', () => {
  it.each<[string, EnrolmentOnRecord[], boolean]>([
    ['there is none', [], false],
    ['it ended yesterday', [enrolled('PRESENT', '2026-01-01', '2026-07-14')], false],
    ['it ends today', [enrolled('PRESENT', '2026-01-01', '2026-07-15')], true],
    ['it ends tomorrow', [enrolled('PRESENT', '2026-01-01', '2026-07-16')], true],
    ['it began today', [enrolled('PRESENT', '2026-07-15')], true],
    ['it begins tomorrow', [enrolled('PRESENT', '2026-07-16')], false],
    ['it is another kind of plan', [{ ...enrolled('PRESENT', '2026-01-01'), planType: 'supplement' }], false],
    [
      'the next one is to come',
      [enrolled('FORMER', '2026-01-01', '2026-07-31'), enrolled('PRESENT', '2026-08-01')],
      true,
    ],
    [
      'between two of them',
      [enrolled('FORMER', '2026-01-01', '2026-07-14'), enrolled('PRESENT', '2026-07-16')],
      false,
    ],
    [
      'another kind of plan came after it, and it goes on',
      [enrolled('PRESENT', '2026-01-01'), { ...enrolled('OTHER', '2026-02-01'), planType: 'supplement' }],
      true,
    ],
  ])('A customer needs an active enrolment: %s', (_what, enrolments, isActive) => {
    expect(ineligibility(TODAY, withEnrolments(...enrolments), {})).toBe(
      isActive ? null : 'no-active-enrolment',
    );
  });
});

describe('effective date', () => {
  it.each<[string, string, string, Ineligibility | null]>([
    ['today, the first of a month', '2026-07-01', '2026-07-01', null],
    ['the first of this month, yesterday', '2026-07-02', '2026-07-01', 'effective-date-past'],
    ['today, in the middle of a month', TODAY, TODAY, 'effective-date-not-first-of-month'],
    ['yesterday', TODAY, '2026-07-14', 'effective-date-past'],
    ['the last of this month', TODAY, '2026-07-31', 'effective-date-not-first-of-month'],
    ['the first of the next month', TODAY, '2026-08-01', null],
    ['the second of the next month', TODAY, '2026-08-02', 'effective-date-not-first-of-month'],
    ['the eleventh of a month', TODAY, '2026-08-11', 'effective-date-not-first-of-month'],
    ['the last month of the next year', TODAY, '2027-12-01', null],
    ['the year after the next one', TODAY, '2028-01-01', 'effective-date-too-far'],
    ["the end of the next year, on New Year's Eve", '2026-12-31', '2027-12-01', null],
    ["the year after, on New Year's Eve", '2026-12-31', '2028-01-01', 'effective-date-too-far'],
    ["the year after, on New Year's Day", '2027-01-01', '2028-01-01', null],
  ])(
    'The effective date is the first of a month, from today to the end of next year: %s',
    (_which, today, effectiveOn, reason) => {
      expect(ineligibility(today, customer, { plan, effectiveOn })).toBe(reason);
      expect(ineligibility(today, customer, { effectiveOn })).toBe(reason);
    },
  );

  it.each<[string, string, Ineligibility | null]>([
    ['a month before', '2026-09-01', 'later-change-recorded'],
    ['the same day', '2026-10-01', null],
    ['a month after', '2026-11-01', null],
  ])('The effective date must not be before the latest enrolment: %s', (_which, effectiveOn, reason) => {
    const enrolments = [enrolled('FORMER', '2026-01-01', '2026-09-30'), enrolled('PRESENT', '2026-10-01')];

    expect(ineligibility(TODAY, withEnrolments(...enrolments), { plan, effectiveOn })).toBe(reason);
  });

  it.each<[string, string, Ineligibility | null]>([
    ['before it', '2026-10-01', 'later-change-recorded'],
    ['on its first day', '2026-11-01', 'later-change-recorded'],
    ['after it', '2026-12-01', null],
  ])('No change takes the place of the roster’s enrolment: %s', (_when, effectiveOn, reason) => {
    const enrolments = [enrolled('PRESENT', '2026-11-01')];

    expect(
      ineligibility('2026-11-15', withEnrolments(...enrolments), {
        plan,
        effectiveOn,
        datesCountFrom: '2026-09-15',
      }),
    ).toBe(reason);
  });

  it('A customer whose enrolment is to end may change on a day before that and after it', () => {
    const ending = withEnrolments(enrolled('PRESENT', '2026-01-01', '2026-08-31'));

    for (const effectiveOn of ['2026-08-01', '2026-09-01', '2026-11-01'])
      expect(ineligibility(TODAY, ending, { plan, effectiveOn })).toBeNull();
    expect(ineligibility('2026-09-01', ending, { plan, effectiveOn: '2026-10-01' })).toBe(
      'no-active-enrolment',
    );
  });

  it('A change whose effective date is still open is checked for neither date nor recorded enrolments', () => {
    const enrolments = [enrolled('FORMER', '2026-01-01', '2026-09-30'), enrolled('PRESENT', '2026-10-01')];

    expect(ineligibility(TODAY, withEnrolments(...enrolments), { plan })).toBeNull();
    expect(ineligibility(TODAY, withEnrolments(...enrolments), { plan, effectiveOn: null })).toBeNull();
  });
});

describe('plan', () => {
  it('The new plan must differ from the latest one', () => {
    const present = { ...plan, planId: 'PRESENT' };

    expect(ineligibility(TODAY, customer, { plan: present, effectiveOn: NEXT_MONTH })).toBe('same-plan');
    expect(ineligibility(TODAY, customer, { plan: present })).toBe('same-plan');
  });

  it.each<[string, string, string, Ineligibility | null]>([
    ['the latest plan on the day it begins', 'PRESENT', '2026-10-01', 'same-plan'],
    ['the latest plan later', 'PRESENT', '2026-11-01', 'same-plan'],
    ['the plan before it, in its place', 'FORMER', '2026-10-01', null],
    ['the plan before it, later', 'FORMER', '2026-11-01', null],
  ])(
    'The new plan must differ from the one in force on the effective date: %s',
    (_which, planId, effectiveOn, reason) => {
      const enrolments = [enrolled('FORMER', '2026-01-01', '2026-09-30'), enrolled('PRESENT', '2026-10-01')];

      expect(
        ineligibility(TODAY, withEnrolments(...enrolments), { plan: { ...plan, planId }, effectiveOn }),
      ).toBe(reason);
    },
  );

  it('The new plan may be the one of an enrolment that ended before the effective date', () => {
    const ending = withEnrolments(enrolled('PRESENT', '2026-01-01', '2026-08-31'));
    const present = { ...plan, planId: 'PRESENT' };

    expect(ineligibility(TODAY, ending, { plan: present, effectiveOn: '2026-09-01' })).toBeNull();
    expect(ineligibility(TODAY, ending, { plan: present, effectiveOn: '2026-08-01' })).toBe('same-plan');
    expect(ineligibility(TODAY, ending, { plan: present })).toBe('same-plan');
  });

  it('The new plan may be a former one or one that a recorded change ends', () => {
    const former = { ...plan, planId: 'FORMER' };
    const changing = [enrolled('FORMER', '2026-01-01', '2026-07-31'), enrolled('PRESENT', '2026-08-01')];

    expect(ineligibility(TODAY, customer, { plan: former, effectiveOn: NEXT_MONTH })).toBeNull();
    expect(
      ineligibility(TODAY, withEnrolments(...changing), { plan: former, effectiveOn: '2026-09-01' }),
    ).toBeNull();
  });

  it.each<[string, Partial<PlanOffer>, boolean]>([
    ['in the only state', { states: ['NY'] }, true],
    ['in other states', { states: ['NJ', 'CT'] }, false],
    ['in no state', { states: [] }, false],
    ['as another kind of plan', { type: 'supplement' }, false],
    ['from that day', { offeredFrom: NEXT_MONTH }, true],
    ['from the day after', { offeredFrom: '2026-08-02' }, false],
    ['until that day', { offeredTo: NEXT_MONTH }, true],
    ['until the day before, though today it is', { offeredTo: '2026-07-31' }, false],
    ['for that day alone', { offeredFrom: NEXT_MONTH, offeredTo: NEXT_MONTH }, true],
  ])(
    'The new plan must be offered in the customer’s state on the effective date: %s',
    (_which, other, isOffered) => {
      expect(ineligibility(TODAY, customer, { plan: { ...plan, ...other }, effectiveOn: NEXT_MONTH })).toBe(
        isOffered ? null : 'plan-not-offered',
      );
    },
  );

  it.each<[string, Partial<PlanOffer>, boolean]>([
    ['until today', { offeredTo: TODAY }, true],
    ['until yesterday', { offeredTo: '2026-07-14' }, false],
    ['from a day to come', { offeredFrom: '2026-10-01' }, true],
    ['from a day to come, in other states', { offeredFrom: '2026-10-01', states: ['NJ'] }, false],
    ['as another kind of plan', { type: 'supplement' }, false],
  ])(
    'The new plan must be offered on some day from today on while the effective date is open: %s',
    (_which, other, isOffered) => {
      expect(ineligibility(TODAY, customer, { plan: { ...plan, ...other } })).toBe(
        isOffered ? null : 'plan-not-offered',
      );
    },
  );
});

it('An ineligible change is refused with the first of several reasons', () => {
  const wrong = { ...plan, planId: 'PRESENT', states: ['NJ'] };
  const late = enrolled('PRESENT', '2028-06-01');
  const none = withEnrolments(late);
  const some = withEnrolments(enrolled('FORMER', '2026-01-01', '2028-05-31'), late);
  const cases: [CustomerOnRecord, string, PlanOffer, Ineligibility][] = [
    [none, '2026-07-14', wrong, 'no-active-enrolment'],
    [some, '2026-07-14', wrong, 'effective-date-past'],
    [some, '2028-01-02', wrong, 'effective-date-not-first-of-month'],
    [some, '2028-01-01', wrong, 'effective-date-too-far'],
    [some, '2027-12-01', wrong, 'later-change-recorded'],
    [customer, '2027-12-01', wrong, 'same-plan'],
    [customer, '2027-12-01', { ...wrong, planId: 'WANTED' }, 'plan-not-offered'],
  ];

  for (const [who, effectiveOn, offer, reason] of cases)
    expect(ineligibility(TODAY, who, { plan: offer, effectiveOn })).toBe(reason);
});

describe('fitsChannel', () => {
  const facilitators = [
    ['agent of record', { agentKey: 'A1', isCallCenter: false }],
    ['another agent', { agentKey: 'A2', isCallCenter: false }],
    ['call center of record', { agentKey: 'A1', isCallCenter: true }],
    ['another call center', { agentKey: 'A2', isCallCenter: true }],
  ] as const;
  const whoFit = (channel: PlanChangeChannel, agentKey: string | null, onePerson = false): string[] =>
    facilitators
      .filter(([, who]) => fitsChannel(channel, who, { agentKey }, onePerson || who.agentKey === agentKey))
      .map(([name]) => name);

  const rows: [PlanChangeChannel, ofAgent: string[], ofNobody: string[]][] = [
    ['plan-change-line', [], []],
    ['customer-service', [], []],
    ['field-agent', [], []],
    ['telesales-agent', [], []],
    ['own-agent-application', ['agent of record', 'call center of record'], []],
    [
      'external-agent-application',
      ['another agent', 'another call center'],
      facilitators.map(([name]) => name),
    ],
    [
      'external-call-center',
      ['call center of record', 'another call center'],
      ['call center of record', 'another call center'],
    ],
  ];

  it.each(rows)(
    'The channel %s accepts exactly the facilitators that fit it',
    (channel, ofAgent, ofNobody) => {
      expect(whoFit(channel, 'A1')).toEqual(ofAgent);
      expect(whoFit(channel, null)).toEqual(ofNobody);
    },
  );

  it('Another number of the agent of record fits every external channel', () => {
    const all = facilitators.map(([name]) => name);

    expect(whoFit('own-agent-application', 'A1', true)).toEqual(all);
    expect(whoFit('external-agent-application', 'A1', true)).toEqual([
      'another agent',
      'another call center',
    ]);
    expect(whoFit('external-call-center', 'A1', true)).toEqual([
      'call center of record',
      'another call center',
    ]);
    expect(whoFit('field-agent', 'A1', true)).toEqual([]);
  });

  it('The table of facilitators covers every channel', () => {
    expect(rows.map(([channel]) => channel)).toEqual(Object.keys(planChangeRouting));
  });
});

describe('effective date asked for at intake', () => {
  const INTAKE = '2026-11-20';
  const asked = (today: string, effectiveOn: string) =>
    ineligibility(today, customer, { plan, effectiveOn, datesCountFrom: INTAKE });

  it.each([
    ['on the first of the month', '2026-12-01', '2026-12-01', null],
    ['after it, while the queue is slow', '2026-12-02', '2026-12-01', null],
    ['weeks after it', '2027-01-15', '2026-12-01', null],
    ['when it was over at intake', '2026-11-21', '2026-11-01', 'effective-date-past'],
    ['when it was no first of a month', '2026-12-02', '2026-12-02', 'effective-date-not-first-of-month'],
    ['in a year that has come near since', '2027-01-02', '2028-01-01', 'effective-date-too-far'],
  ])('An effective date is judged as of the intake: completed %s', (_when, today, effectiveOn, reason) => {
    expect(asked(today, effectiveOn)).toBe(reason);
  });

  it('A customer who is no longer enrolled is not made eligible by the intake date', () => {
    const enrolments = [
      { planId: 'H0', planType: 'medicare-advantage', from: '2026-01-01', to: '2026-11-30' },
    ];
    const left = { ...customer, enrolments };
    const change = { plan, effectiveOn: '2027-01-01', datesCountFrom: INTAKE };

    expect(ineligibility('2026-11-30', left, change)).toBeNull();
    expect(ineligibility('2026-12-01', left, change)).toBe('no-active-enrolment');
  });
});

it('The plan year is the year in which the plan takes effect', () => {
  expect(yearOf('2026-12-01')).toBe(2026);
  expect(yearOf('2027-01-01')).toBe(2027);
});

describe('possibleAgents', () => {
  const toCome = withEnrolments(
    enrolled('PRESENT', '2026-01-01', '2026-07-31'),
    enrolled('NEXT', NEXT_MONTH),
  );

  it.each<[string, CustomerOnRecord, effectiveOn: string | null, (string | null)[]]>([
    ['the last one, while the effective date is not known', customer, null, ['A1']],
    ['also the one before a change that it may replace', toCome, null, ['A1', 'A0']],
    ['also the one before a change of today', withEnrolments(enrolled('NEXT', TODAY)), null, ['A1', 'A0']],
    ['the one before the effective date', toCome, NEXT_MONTH, ['A1']],
  ])('Agent of record before a change may be %s', (_, who, effectiveOn, agents) => {
    expect(possibleAgents(who, effectiveOn, TODAY)).toEqual(agents);
  });
});
