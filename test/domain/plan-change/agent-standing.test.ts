import {
  isActiveOn,
  recordsFor,
  standingDefect,
  standingOn,
  type AgentRecords,
  type AgentStanding,
} from '../../../src/domain/plan-change/agent-standing';

const DAY = '2026-11-25';
const asked = { day: DAY, state: 'NY', planYear: 2027 };

const eligible: AgentRecords = {
  terminatedOn: null,
  principalTerminatedOn: null,
  licences: [{ state: 'NY', from: '2020-01-01', to: null }],
  appointments: [{ from: '2020-01-01', to: null }],
  certifications: [{ planYear: 2027, from: '2026-09-01', to: null }],
};
const all: AgentStanding = { active: true, licensed: true, appointed: true, certified: true };

describe('standingOn', () => {
  it('An agent is eligible with everything in force', () => {
    expect(standingOn(eligible, asked)).toEqual(all);
    expect(standingDefect(all)).toBeNull();
  });

  it.each([
    ['terminated the day before', '2026-11-24', false],
    ['terminated that day, the last on which it holds', '2026-11-25', true],
    ['terminated the day after', '2026-11-26', true],
  ])('An agent is active through the termination day: %s', (_when, terminatedOn, active) => {
    expect(standingOn({ ...eligible, terminatedOn }, asked)).toEqual({ ...all, active });
  });

  it.each([
    ['terminated the day before', '2026-11-24', false],
    ['terminated that day, the last on which it holds', '2026-11-25', true],
    ['terminated the day after', '2026-11-26', true],
    ['active', null, true],
  ])(
    'A corporation is active only while its principal is: the principal is %s',
    (_when, principalTerminatedOn, active) => {
      const corporation = { ...eligible, principalTerminatedOn };

      expect(standingOn(corporation, asked)).toEqual({ ...all, active });
      expect(isActiveOn(corporation, asked.day)).toBe(active);
      expect(isActiveOn({ ...corporation, terminatedOn: '2026-11-24' }, asked.day)).toBe(false);
    },
  );

  const periods: [string, string, string | null, boolean][] = [
    ['ended the day before', '2020-01-01', '2026-11-24', false],
    ['ends that day', '2020-01-01', '2026-11-25', true],
    ['ends the day after', '2020-01-01', '2026-11-26', true],
    ['begins that day', '2026-11-25', null, true],
    ['begins the day after', '2026-11-26', null, false],
    ['is for that day alone', '2026-11-25', '2026-11-25', true],
  ];

  it.each(periods)(
    'An agent’s licence counts from its first to its last day: it %s',
    (_when, from, to, licensed) => {
      expect(standingOn({ ...eligible, licences: [{ state: 'NY', from, to }] }, asked)).toEqual({
        ...all,
        licensed,
      });
    },
  );

  it.each(periods)(
    'An agent’s appointment counts from its first to its last day: it %s',
    (_when, from, to, appointed) => {
      expect(standingOn({ ...eligible, appointments: [{ from, to }] }, asked)).toEqual({ ...all, appointed });
    },
  );

  it.each(periods)(
    'An agent’s certification counts from its first to its last day: it %s',
    (_when, from, to, certified) => {
      expect(standingOn({ ...eligible, certifications: [{ planYear: 2027, from, to }] }, asked)).toEqual({
        ...all,
        certified,
      });
    },
  );

  it('An agent is not licensed by another state or certified by another year', () => {
    const elsewhere = {
      ...eligible,
      licences: [{ state: 'NJ', from: '2020-01-01', to: null }],
      certifications: [2026, 2028].map((planYear) => ({ planYear, from: '2020-01-01', to: null })),
    };

    expect(standingOn(elsewhere, asked)).toEqual({ ...all, licensed: false, certified: false });
  });

  it('An agent is licensed by any of several periods', () => {
    const licences = [
      { state: 'NY', from: '2010-01-01', to: '2015-12-31' },
      { state: 'NJ', from: '2016-01-01', to: null },
      { state: 'NY', from: '2026-11-01', to: null },
    ];

    expect(standingOn({ ...eligible, licences }, asked).licensed).toBe(true);
  });

  it('An agent with nothing on record is active but neither licensed, appointed nor certified', () => {
    const nothing = {
      terminatedOn: null,
      principalTerminatedOn: null,
      licences: [],
      appointments: [],
      certifications: [],
    };

    expect(standingOn(nothing, asked)).toEqual({
      active: true,
      licensed: false,
      appointed: false,
      certified: false,
    });
  });

  it('The records for a question are those of its state and plan year, and nothing else that was looked up', () => {
    const appointments = [
      { from: '2026-01-01', to: null, state: '' },
      { from: '2020-01-01', to: '2025-12-31' },
    ];
    const lookedUp = {
      agentKey: 'A1',
      ...eligible,
      licences: [...eligible.licences, { state: 'TX', from: '2019-01-01', to: null }],
      appointments,
      certifications: [{ planYear: 2026, from: '2025-09-01', to: null }, ...eligible.certifications],
    };

    expect(recordsFor(lookedUp, asked)).toEqual({
      ...eligible,
      appointments: [
        { from: '2020-01-01', to: '2025-12-31' },
        { from: '2026-01-01', to: null },
      ],
    });
    expect(recordsFor(lookedUp, { ...asked, state: 'FL', planYear: 2028 })).toMatchObject({
      licences: [],
      certifications: [],
    });
  });

  it.each(periods)('The records for a question decide as all records do: one that %s', (_when, from, to) => {
    const records = { ...eligible, licences: [{ state: 'NY', from, to }], certifications: [] };

    expect(standingOn(recordsFor(records, asked), asked)).toEqual(standingOn(records, asked));
  });
});

it.each([
  [{ active: false }, 'terminated'],
  [{ licensed: false }, 'not-licensed'],
  [{ appointed: false }, 'not-appointed'],
  [{ certified: false }, 'not-certified'],
  [{ active: false, licensed: false, appointed: false, certified: false }, 'terminated'],
  [{ appointed: false, certified: false }, 'not-appointed'],
] as const)('An agent with %j has the defect %s', (missing, defect) => {
  expect(standingDefect({ ...all, ...missing })).toBe(defect);
});
