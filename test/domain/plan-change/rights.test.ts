import { PLAN_CHANGE_STAGES, type StaffMember } from '../../../src/domain/plan-change/plan-change';
import {
  CALLER_ROLES,
  PLAN_CHANGE_MOVES,
  WHOSE,
  callerOf,
  completionRefusal,
  intakeRefusal,
  moveRefusal,
  visibleTo,
  whoseIs,
  rightsRefusal,
  type OwnedChange,
  type PlanChangeCaller,
} from '../../../src/domain/plan-change/rights';
import { planChangeRouting, type PlanChangeChannel } from '../../../src/domain/plan-change/routing';

const CHANNELS = Object.keys(planChangeRouting) as PlanChangeChannel[];
const NOW = Date.UTC(2026, 10, 22, 12, 30);

const LETTERS = {
  'representative-required': 'R',
  'claimed-by-other': 'O',
  'not-the-facilitator': 'N',
  'wrong-stage': 'S',
  'role-not-allowed': 'X',
} as const;
const letterOf = (refusal: keyof typeof LETTERS | null): string =>
  refusal === null ? '-' : LETTERS[refusal];

describe('rightsRefusal', () => {
  const [calls, field, telesales] = ['call', 'field', 'tele'] as const;
  const internal = `${field} ${telesales}`;
  const external = 'ext';
  const all = `line cs ${internal} ${external}`;
  const channelsOf: Readonly<Record<string, readonly PlanChangeChannel[]>> = {
    line: ['plan-change-line'],
    cs: ['customer-service'],
    [calls]: ['plan-change-line', 'customer-service'],
    [field]: ['field-agent'],
    [telesales]: ['telesales-agent'],
    [external]: ['own-agent-application', 'external-agent-application', 'external-call-center'],
  };
  const internalAgent = (own: string, other: string): readonly (readonly [string, string, string])[] => [
    ['intake reverse', own, '-XXXN'],
    ['intake reverse', other, 'XXXXN'],
    ['intake reverse', `${calls} ${external}`, 'XXXXX'],
    ['claim release', all, 'RRRRR'],
    ['refer', own, '--XXN'],
    ['refer', other, 'XXXXN'],
    ['refer', `${calls} ${external}`, 'XXXXX'],
    ['replace-facilitator', all, 'XXXXX'],
    ['complete withdraw', own, '-RRRN'],
    ['complete withdraw', other, 'RRRRN'],
    ['complete withdraw', `${calls} ${external}`, 'RRRRX'],
    ['look', own, '--XXX'],
    ['look', `${calls} ${other} ${external}`, 'XXXXX'],
  ];

  /** Moves, channels, and a letter each for: theirs, handed over, the unit's, claimed by another, a facilitator's. `-`: they may. */
  const table: Readonly<
    Record<PlanChangeCaller['role'], readonly (readonly [moves: string, channels: string, answers: string])[]>
  > = {
    system: [
      ['intake refer replace-facilitator reverse look', all, '-----'],
      ['claim release', all, 'RRRRR'],
      ['complete', all, 'RRRR-'],
      ['withdraw', all, 'RR-O-'],
    ],
    'plan-change-representative': [
      ['intake', calls, 'XX-XX'],
      ['intake', `${internal} ${external}`, 'XXXXX'],
      ['claim release', `${calls} ${internal}`, '-S-OS'],
      ['claim release', external, 'SSSOS'],
      ['refer replace-facilitator', all, 'XXXXX'],
      ['complete withdraw', `${calls} ${internal}`, '-R-OX'],
      ['complete withdraw', external, 'RRROX'],
      ['reverse', `${calls} ${internal}`, '-X-XX'],
      ['reverse', external, 'XXXXX'],
      ['look', all, '-----'],
    ],
    'field-agent': internalAgent(field, telesales),
    'telesales-agent': internalAgent(telesales, field),
    'customer-service': [
      ['intake look', 'cs', '-----'],
      ['intake look', `line ${internal} ${external}`, 'XXXXX'],
      ['claim release', all, 'RRRRR'],
      ['refer replace-facilitator reverse', all, 'XXXXX'],
      ['complete withdraw', all, 'RRRRX'],
    ],
    nobody: [
      ['claim release', all, 'RRRRR'],
      ['complete withdraw', all, 'RRRRX'],
      ['intake refer replace-facilitator reverse look', all, 'XXXXX'],
    ],
  };

  it.each(CALLER_ROLES)(
    'The rights of the role %s are those in the table, for every move, channel and owner',
    (role) => {
      const expected = new Map<string, string>();
      for (const [moves, channels, answers] of table[role])
        for (const move of moves.split(' '))
          for (const channel of channels.split(' ').flatMap((group) => channelsOf[group]!))
            expected.set(`${move} ${channel}`, answers);

      const given = PLAN_CHANGE_MOVES.flatMap((move) =>
        CHANNELS.map((channel): [string, string] => [
          `${move} ${channel}`,
          WHOSE.map((whose) => letterOf(rightsRefusal(role, move, channel, whose))).join(''),
        ]),
      );

      expect(Object.fromEntries(given)).toEqual(Object.fromEntries(expected));
    },
  );
});

const member = (role: StaffMember['role'], licence: StaffMember['licence'] = null): StaffMember => ({
  staffKey: 'S1',
  role,
  licence,
});
const licensed = { from: '2026-01-01', to: '2026-11-22' };

describe('callerOf', () => {
  it.each<[string, string | null, StaffMember | null, string]>([
    ['a key that is bound to nobody', null, null, 'system'],
    ['a number that is on no roster', 'S1', null, 'nobody'],
    [
      'a representative on the last day of the licence',
      'S1',
      member('plan-change-representative', licensed),
      'plan-change-representative',
    ],
    [
      'a representative whose licence ended yesterday',
      'S1',
      member('plan-change-representative', { from: '2026-01-01', to: '2026-11-21' }),
      'nobody',
    ],
    [
      'a representative whose licence begins tomorrow',
      'S1',
      member('plan-change-representative', { from: '2026-11-23', to: null }),
      'nobody',
    ],
    ['a field agent, who needs no licence for this', 'S1', member('field-agent'), 'field-agent'],
    ['a telesales agent', 'S1', member('telesales-agent', licensed), 'telesales-agent'],
    ['customer service', 'S1', member('customer-service'), 'customer-service'],
  ])(
    'A caller’s role follows from the API key, the staff roster and the licence: %s',
    (_who, staffKey, staff, role) => {
      expect(callerOf(staffKey, staff, '2026-11-22')).toEqual({ role, staffKey });
    },
  );
});

const change = (fields: Partial<OwnedChange> = {}): OwnedChange => ({
  channel: 'plan-change-line',
  stage: 'queued',
  route: 'unit',
  claimedBy: null,
  claimUntilMs: null,
  facilitatorKey: null,
  ...fields,
});
const claimedBy = (staffKey: string, claimUntilMs = NOW + 1): Partial<OwnedChange> => ({
  stage: 'claimed',
  claimedBy: staffKey,
  claimUntilMs,
});
const internals = { channel: 'field-agent', route: 'internal-agent', stage: 'with-facilitator' } as const;
const externals = {
  ...({ channel: 'external-agent-application', route: 'external-agent' } as const),
  stage: 'with-facilitator',
} as const;
const rep: PlanChangeCaller = { role: 'plan-change-representative', staffKey: 'S1' };
const walter: PlanChangeCaller = { role: 'field-agent', staffKey: 'S1' };
const system: PlanChangeCaller = { role: 'system', staffKey: null };

describe('whoseIs', () => {
  it.each<[string, Partial<OwnedChange>, PlanChangeCaller, string]>([
    ['what waits', {}, rep, 'units'],
    ['what they claimed', claimedBy('S1'), rep, 'theirs'],
    ['what another claimed', claimedBy('S2'), rep, 'claimed'],
    ['what they had claimed until now', claimedBy('S1', NOW), rep, 'units'],
    ['what another had claimed until now', claimedBy('S2', NOW), rep, 'units'],
    ['what a representative claimed, for a system', claimedBy('S1'), system, 'claimed'],
    ['an internal agent’s own', { ...internals, facilitatorKey: 'S1' }, walter, 'theirs'],
    ['another internal agent’s', { ...internals, facilitatorKey: 'S2' }, walter, 'facilitators'],
    ['an internal agent’s that names nobody', internals, system, 'facilitators'],
    [
      'an agent’s from outside, who has the same key',
      { ...externals, facilitatorKey: 'S1' },
      walter,
      'facilitators',
    ],
    ['what they handed over', { channel: 'field-agent', facilitatorKey: 'S1' }, walter, 'handed-over'],
    [
      'what they handed over, and the unit has claimed',
      { channel: 'field-agent', facilitatorKey: 'S1', ...claimedBy('S2') },
      ...([walter, 'handed-over'] as const),
    ],
    ['what they claimed before they became a field agent', claimedBy('S1'), walter, 'claimed'],
    [
      'a field agent’s who became a representative',
      { ...internals, facilitatorKey: 'S1' },
      rep,
      'facilitators',
    ],
    ['what another handed over', { channel: 'field-agent', facilitatorKey: 'S2' }, walter, 'units'],
    ['a held one', { ...externals, stage: 'held', facilitatorKey: 'A7' }, system, 'facilitators'],
  ])('The owner of a change is told from the caller’s point of view: %s', (_what, fields, caller, whose) => {
    expect(whoseIs(change(fields), caller, NOW)).toBe(whose);
  });
});

describe('intakeRefusal', () => {
  it.each<[PlanChangeChannel, string | null, PlanChangeCaller, string]>([
    ['field-agent', 'S1', walter, '-'],
    ['field-agent', 'S2', walter, 'N'],
    ['telesales-agent', 'S1', walter, 'X'],
    ['telesales-agent', 'S2', walter, 'N'],
    ['external-call-center', 'S1', walter, 'X'],
    ['plan-change-line', null, walter, 'X'],
    ['plan-change-line', null, rep, '-'],
    ['customer-service', null, { role: 'customer-service', staffKey: 'S4' }, '-'],
    ['plan-change-line', null, { role: 'customer-service', staffKey: 'S4' }, 'X'],
    ['external-call-center', 'A7', system, '-'],
    ['field-agent', 'S2', system, '-'],
  ])(
    'Intake by %s, facilitated by %s, is allowed or refused by the caller’s role',
    (channel, facilitatorKey, caller, answer) => {
      expect(letterOf(intakeRefusal(channel, facilitatorKey, caller))).toBe(answer);
    },
  );
});

describe('completionRefusal', () => {
  it.each(PLAN_CHANGE_STAGES)(
    'A unit’s change can be completed only by whoever has claimed it: stage %s',
    (stage) => {
      const units = change({ stage, claimedBy: 'S1', claimUntilMs: NOW + 1 });

      expect(letterOf(completionRefusal(units, rep, NOW))).toBe(stage === 'claimed' ? '-' : 'S');
      expect(letterOf(completionRefusal(units, { ...rep, staffKey: 'S2' }, NOW))).toBe(
        stage === 'claimed' ? 'O' : 'S',
      );
      expect(letterOf(completionRefusal(units, system, NOW))).toBe('R');
    },
  );

  it.each([
    ['a millisecond before the end of the claim', NOW + 1, '-'],
    ['at its end', NOW, 'S'],
    ['a millisecond after its end', NOW - 1, 'S'],
  ])('A unit’s change can be completed only before the claim ends: %s', (_when, claimUntilMs, answer) => {
    expect(letterOf(completionRefusal(change(claimedBy('S1', claimUntilMs)), rep, NOW))).toBe(answer);
  });

  it.each(PLAN_CHANGE_STAGES)(
    'A facilitator’s change can be completed only while it is with the facilitator: stage %s',
    (stage) => {
      const answer = stage === 'with-facilitator' ? '-' : 'S';
      const own = change({ ...internals, stage, facilitatorKey: 'S1' });

      expect(letterOf(completionRefusal(own, walter, NOW))).toBe(answer);
      expect(letterOf(completionRefusal(own, system, NOW))).toBe(answer);
      expect(letterOf(completionRefusal(change({ ...externals, stage }), system, NOW))).toBe(answer);
      expect(letterOf(completionRefusal(change({ ...internals, stage }), walter, NOW))).toBe('N');
    },
  );
});

it('A caller’s list shows exactly the changes that the caller may look at', () => {
  const changes = CHANNELS.flatMap((channel) =>
    [planChangeRouting[channel].route, 'unit' as const].flatMap((route) =>
      [null, 'S1', 'S2'].flatMap((facilitatorKey) =>
        [{}, claimedBy('S1'), claimedBy('S2')].map((claim) =>
          change({ stage: 'with-facilitator', ...claim, channel, route, facilitatorKey }),
        ),
      ),
    ),
  )
    // A change that came by call names nobody, an agent from outside has no key of the staff, and only an internal agent hands over.
    .filter(({ channel, route, facilitatorKey }) => {
      const row = planChangeRouting[channel];
      if (route === 'unit' && row.route !== 'unit' && !row.mayRefer) return false;
      return row.facilitator === 'internal-agent' ? facilitatorKey !== null : facilitatorKey === null;
    });

  for (const role of CALLER_ROLES) {
    const caller = { role, staffKey: role === 'system' ? null : 'S1' };
    const visible = visibleTo(caller);
    const listed = changes.filter(({ channel, facilitatorKey }) => {
      if (visible === null || visible === 'all') return visible === 'all';
      const { facilitatorKey: whose } = visible;
      return channel === visible.channel && (whose === null || whose === facilitatorKey);
    });

    expect(listed).toEqual(changes.filter((each) => moveRefusal(each, 'look', caller, NOW) === null));
  }
});
