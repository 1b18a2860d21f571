import fc from 'fast-check';
import {
  dueStep,
  escalationKind,
  internalRoleOf,
  isOver,
  isRepresentative,
  snapshotAfter,
  PLAN_CHANGE_STAGES,
  STAFF_ROLES,
  stageAt,
  withEscalation,
  type DueStep,
  type Escalation,
  type PlanChangeStage,
  type PlanChangeSnapshot,
} from '../../../src/domain/plan-change/plan-change';
import { planChangeRouting } from '../../../src/domain/plan-change/routing';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/domain/time';

/** A change as it is opened; epoch milliseconds. */
const OPENED = Date.parse('2026-07-07T10:00:00-04:00');
const WAITING = OPENED + 15 * MINUTE_MS;
const CLAIM_END = OPENED + HOUR_MS;
const OVERDUE = OPENED + DAY_MS;
const ABANDONED = OPENED + 30 * DAY_MS;

const queued: PlanChangeSnapshot = {
  stage: 'queued',
  route: 'unit',
  claimUntilMs: null,
  escalateAtMs: { waiting: WAITING, overdue: OVERDUE },
  abandonAtMs: ABANDONED,
};
const claimed: PlanChangeSnapshot = { ...queued, stage: 'claimed', claimUntilMs: CLAIM_END };

const MOMENTS = new Map([
  [WAITING, 'the minutes'],
  [CLAIM_END, 'the end of the claim'],
  [OVERDUE, 'the day'],
  [ABANDONED, 'giving up'],
]);

/** A step in one line, so that the tables can be read. */
function inWords(step: DueStep): string {
  if (step.kind === 'wait') return `wait for ${MOMENTS.get(step.untilMs) ?? step.untilMs}`;
  return step.kind === 'escalate' ? `tell: ${step.escalation}` : step.kind;
}

describe('dueStep', () => {
  it.each<[string, readonly Escalation[], number, string]>([
    ['as it is opened', [], OPENED, 'wait for the minutes'],
    ['a millisecond before the minutes', [], WAITING - 1, 'wait for the minutes'],
    ['at the minutes', [], WAITING, 'tell: waiting'],
    ['a millisecond after the minutes', [], WAITING + 1, 'tell: waiting'],
    ['at the minutes, told of them', ['waiting'], WAITING, 'wait for the day'],
    ['a millisecond before the day, told of nothing', [], OVERDUE - 1, 'tell: waiting'],
    ['a millisecond before the day', ['waiting'], OVERDUE - 1, 'wait for the day'],
    ['at the day', ['waiting'], OVERDUE, 'tell: overdue'],
    ['a millisecond after the day', ['waiting'], OVERDUE + 1, 'tell: overdue'],
    ['at the day, told of nothing: the one-day escalation replaces the other', [], OVERDUE, 'tell: overdue'],
    ['at the day, told of both', ['waiting', 'overdue'], OVERDUE, 'wait for giving up'],
    ['after the day, told of it alone', ['overdue'], OVERDUE + 1, 'wait for giving up'],
    ['queued again, told of both before', ['waiting', 'overdue'], OPENED, 'wait for giving up'],
    ['a millisecond before it is given up', ['waiting', 'overdue'], ABANDONED - 1, 'wait for giving up'],
    ['when it is to be given up', ['waiting', 'overdue'], ABANDONED, 'abandon'],
    ['when it is to be given up, told of nothing', [], ABANDONED, 'abandon'],
    ['a millisecond after it is to be given up', ['waiting', 'overdue'], ABANDONED + 1, 'abandon'],
  ])(
    'A queued change escalates after the minutes and after a day, and is given up in the end: %s',
    (_when, escalated, nowMs, due) => {
      expect(inWords(dueStep(queued, escalated, nowMs))).toBe(due);
    },
  );

  it.each<[string, Partial<Record<Escalation | 'abandon', number>>, readonly Escalation[], number, string]>([
    ['the day over a weekend', { waiting: OVERDUE + HOUR_MS }, [], WAITING, 'wait for the day'],
    ['the day over a weekend, reached', { waiting: OVERDUE + HOUR_MS }, [], OVERDUE, 'tell: overdue'],
    ['giving up', { abandon: WAITING - 1 }, [], OPENED, `wait for ${WAITING - 1}`],
    ['giving up, reached', { abandon: WAITING }, [], WAITING, 'abandon'],
    [
      'giving up, after the minutes',
      { abandon: OVERDUE - 1 },
      ['waiting'],
      WAITING,
      `wait for ${OVERDUE - 1}`,
    ],
    ['giving up, reached with the day', { abandon: OVERDUE }, ['waiting'], OVERDUE, 'abandon'],
  ])('A queued change’s earliest deadline decides what is due: %s', (_what, other, escalated, nowMs, due) => {
    const { abandon = ABANDONED, ...told } = other;
    const standing = {
      ...queued,
      escalateAtMs: { ...queued.escalateAtMs, ...told },
      abandonAtMs: abandon,
    };

    expect(inWords(dueStep(standing, escalated, nowMs))).toBe(due);
  });

  it.each<[string, number, number, string]>([
    ['as it is taken', CLAIM_END, OPENED, 'wait for the end of the claim'],
    ['a millisecond before its end', CLAIM_END, CLAIM_END - 1, 'wait for the end of the claim'],
    ['at its end', CLAIM_END, CLAIM_END, 'put-back'],
    ['a millisecond after its end', CLAIM_END, CLAIM_END + 1, 'put-back'],
    ['over the day: nobody waits', OVERDUE + 1, OVERDUE, `wait for ${OVERDUE + 1}`],
    ['to the day: back in the queue before anybody is told', OVERDUE, OVERDUE, 'put-back'],
    [
      'over the bound of the change: it may be completed yet',
      ABANDONED + 1,
      ABANDONED,
      `wait for ${ABANDONED + 1}`,
    ],
    ['to the bound of the change: back in the queue before it is given up', ABANDONED, ABANDONED, 'put-back'],
  ])('A claimed change goes back to the queue when the claim ends: %s', (_when, claimUntilMs, nowMs, due) => {
    expect(inWords(dueStep({ ...claimed, claimUntilMs }, [], nowMs))).toBe(due);
  });

  it.each([
    ['as it is opened', OPENED, 'wait for giving up'],
    ['at the minutes: the unit does not have it', WAITING, 'wait for giving up'],
    ['at the day: the unit does not have it', OVERDUE, 'wait for giving up'],
    ['a millisecond before it is given up', ABANDONED - 1, 'wait for giving up'],
    ['when it is to be given up', ABANDONED, 'abandon'],
    ['a millisecond after it is to be given up', ABANDONED + 1, 'abandon'],
  ])(
    'A change with a facilitator waits until it is given up, without escalation: %s',
    (_when, nowMs, due) => {
      const standing = { ...queued, stage: 'with-facilitator', route: 'internal-agent' } as const;

      expect(inWords(dueStep(standing, [], nowMs))).toBe(due);
    },
  );

  describe('held changes', () => {
    const HELD = OPENED + 3 * DAY_MS;
    const weeks = (howMany: number): number => HELD + howMany * 7 * DAY_MS;
    const at = (week: number): Escalation => `held.${HELD}.${week}`;
    const held = { ...queued, stage: 'held', route: 'external-agent', heldSinceMs: HELD } as const;

    it.each<[string, readonly Escalation[], number, DueStep]>([
      ['as it is held', [], HELD, { kind: 'escalate', escalation: at(0) }],
      ['told of it', [at(0)], HELD, { kind: 'wait', untilMs: weeks(1) }],
      ['a millisecond before the week', [at(0)], weeks(1) - 1, { kind: 'wait', untilMs: weeks(1) }],
      ['after the week', [at(0)], weeks(1), { kind: 'escalate', escalation: at(1) }],
      ['told of that too', [at(1)], weeks(1), { kind: 'wait', untilMs: weeks(2) }],
      ['when others are given up', [at(3)], ABANDONED, { kind: 'wait', untilMs: weeks(4) }],
      ['after a year', [at(51)], weeks(52), { kind: 'escalate', escalation: at(52) }],
      [
        'after an outage of three weeks, once',
        [at(0)],
        weeks(3) + 1,
        { kind: 'escalate', escalation: at(3) },
      ],
      ['found a week late', [], weeks(1), { kind: 'escalate', escalation: at(1) }],
      [
        'held again, told of the first time',
        ...([['waiting', `held.${HELD - DAY_MS}.0`], HELD, { kind: 'escalate', escalation: at(0) }] as const),
      ],
    ])(
      'A held change is told to the lead at once and each week, and never given up: %s',
      (_when, escalated, nowMs, due) => {
        expect(dueStep(held, escalated, nowMs)).toEqual(due);
      },
    );

    it.each([OPENED, ABANDONED, ABANDONED + DAY_MS])(
      'A held change without a start time is looked at again in a week (%i)',
      (nowMs) => {
        const { heldSinceMs: _, ...unknown } = held;

        expect(dueStep(unknown, [], nowMs)).toEqual({ kind: 'wait', untilMs: nowMs + 7 * DAY_MS });
      },
    );

    it('A held change keeps only the last of its weekly escalations', () => {
      const told = [at(0), 'waiting', at(1), 'overdue', at(2)] as const;

      expect(told.reduce<readonly Escalation[]>(withEscalation, [])).toEqual(['waiting', 'overdue', at(2)]);
    });

    it.each<[Escalation, string]>([
      ['waiting', 'waiting'],
      ['overdue', 'overdue'],
      [at(0), 'held'],
      [at(1), 'still-held'],
      [at(10), 'still-held'],
    ])('The escalation %s is told as %s', (escalation, kind) => {
      expect(escalationKind(escalation)).toBe(kind);
    });
  });

  it('A change always comes to its end, and each escalation is told at most once and in order', () => {
    const anyBound = fc.integer({ min: 1, max: 20 }).map((days) => OPENED + days * DAY_MS);
    fc.assert(
      fc.property(
        fc.constantFrom('queued', 'claimed', 'with-facilitator'),
        anyBound,
        anyBound,
        anyBound,
        anyBound,
        (first, claimUntilMs, waiting, overdue, abandonAtMs) => {
          let nowMs = OPENED;
          let stage: PlanChangeStage = first;
          const told: Escalation[] = [];
          // More steps than these would be a loop that stands still.
          for (let steps = 0; stage !== 'abandoned' && steps < 10; steps += 1) {
            const standing = {
              ...queued,
              stage,
              claimUntilMs,
              escalateAtMs: { waiting, overdue },
              abandonAtMs,
            };
            const due = dueStep(standing, told, nowMs);
            if (due.kind === 'wait') {
              expect(due.untilMs).toBeGreaterThan(nowMs);
              nowMs = due.untilMs;
            } else if (due.kind === 'escalate') told.push(due.escalation);
            else stage = due.kind === 'put-back' ? 'queued' : 'abandoned';
          }

          expect(stage).toBe('abandoned');
          expect(nowMs).toBe(first === 'claimed' ? Math.max(abandonAtMs, claimUntilMs) : abandonAtMs);
          expect(['', 'waiting', 'overdue', 'waiting, overdue']).toContain(told.join(', '));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('stageAt and isOver', () => {
  it.each<[string, number, PlanChangeStage]>([
    ['a millisecond before the end of the claim', CLAIM_END - 1, 'claimed'],
    ['at the end of the claim', CLAIM_END, 'queued'],
    ['a millisecond after the end of the claim', CLAIM_END + 1, 'queued'],
  ])('A claimed change is back in the queue once the claim ends: %s', (_when, nowMs, stage) => {
    expect(stageAt({ stage: 'claimed', claimUntilMs: CLAIM_END }, nowMs)).toBe(stage);
  });

  it('A change is over when it is completed, withdrawn or abandoned', () => {
    expect(PLAN_CHANGE_STAGES.filter((stage) => isOver({ stage }))).toEqual([
      'completed',
      'withdrawn',
      'abandoned',
    ]);
  });

  it.each(PLAN_CHANGE_STAGES.filter((stage) => stage !== 'claimed'))(
    'The stage %s is not affected by a claim that ended long ago',
    (stage) => {
      expect(stageAt({ stage, claimUntilMs: OPENED }, CLAIM_END)).toBe(stage);
    },
  );
});

describe('isRepresentative', () => {
  const DAY = '2026-07-07';
  const licensed = { from: '2026-01-01', to: null };

  it.each(STAFF_ROLES.map((role) => [role, role === 'plan-change-representative'] as const))(
    'Only plan change representatives represent the unit, even if others are licensed: %s',
    (role, answer) => {
      expect(isRepresentative({ staffKey: 'S1', role, licence: licensed }, DAY)).toBe(answer);
    },
  );

  it.each<[string, { from: string; to: string | null } | null, boolean]>([
    ['no licence', null, false],
    ['a licence from the day after', { from: '2026-07-08', to: null }, false],
    ['a licence from that day', { from: '2026-07-07', to: null }, true],
    ['a licence from the day before', { from: '2026-07-06', to: null }, true],
    ['a licence that ended the day before', { from: '2026-01-01', to: '2026-07-06' }, false],
    ['a licence that ends that day', { from: '2026-01-01', to: '2026-07-07' }, true],
    ['a licence that ends the day after', { from: '2026-01-01', to: '2026-07-08' }, true],
    ['a licence for that day alone', { from: '2026-07-07', to: '2026-07-07' }, true],
  ])('A representative needs a licence that is in force that day: %s', (_which, licence, answer) => {
    expect(isRepresentative({ staffKey: 'S1', role: 'plan-change-representative', licence }, DAY)).toBe(
      answer,
    );
  });
});

it('Internal agents facilitate changes of their own channel and no others', () => {
  const roles = Object.keys(planChangeRouting).map((channel) => [
    channel,
    internalRoleOf(channel as keyof typeof planChangeRouting),
  ]);

  expect(Object.fromEntries(roles)).toEqual({
    'plan-change-line': null,
    'customer-service': null,
    'field-agent': 'field-agent',
    'telesales-agent': 'telesales-agent',
    'own-agent-application': null,
    'external-agent-application': null,
    'external-call-center': null,
  });
});

describe('snapshotAfter', () => {
  const known: PlanChangeSnapshot = {
    stage: 'queued',
    route: 'unit',
    claimUntilMs: null,
    escalateAtMs: { waiting: 1, overdue: 2 },
    abandonAtMs: 3,
    waitingSinceMs: 0,
    moves: 4,
  };
  const claim = { stage: 'claimed', route: 'unit', claimUntilMs: 9, waitingSinceMs: 0, moves: 5 } as const;

  it('A later move changes stage, route and claim, and keeps the deadlines', () => {
    expect(snapshotAfter(known, claim)).toEqual({ ...known, stage: 'claimed', claimUntilMs: 9, moves: 5 });
    expect(snapshotAfter(known, { ...claim, moves: 7 })).toMatchObject({ stage: 'claimed', moves: 7 });
  });

  it.each([4, 3])('A move that is not later changes nothing: %i', (moves) => {
    expect(snapshotAfter(known, { ...claim, moves })).toBe(known);
  });

  it.each([
    ['another place in the queue', known, { ...claim, waitingSinceMs: 1 }],
    ['it is held', known, { ...claim, stage: 'held' as const }],
    ['it is completed', known, { ...claim, stage: 'completed' as const }],
    ['nothing is known of its moves', { ...known, moves: undefined } as never, claim],
  ])('Only the record says the rest: %s', (_what, snapshot, move) => {
    expect(snapshotAfter(snapshot, move)).toBeNull();
  });
});
