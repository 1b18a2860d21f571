import fc from 'fast-check';
import {
  dueStep,
  internalRoleOf,
  isOver,
  isRepresentative,
  PLAN_CHANGE_STAGES,
  STAFF_ROLES,
  stageAt,
  whyNotTheirs,
  type DueStep,
  type Escalation,
  type PlanChangeStage,
  type PlanChangeStanding,
} from '../../src/domain/plan-change';
import { planChangeRouting, type PlanChangeRoute } from '../../src/domain/plan-change-routing';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/portal';

/** A change as it is opened; epoch milliseconds. */
const OPENED = Date.parse('2026-07-07T10:00:00-04:00');
const WAITING = OPENED + 15 * MINUTE_MS;
const CLAIM_END = OPENED + HOUR_MS;
const OVERDUE = OPENED + DAY_MS;
const ABANDONED = OPENED + 30 * DAY_MS;

const queued: PlanChangeStanding = {
  stage: 'queued',
  route: 'unit',
  claimUntilMs: null,
  escalateAtMs: { waiting: WAITING, overdue: OVERDUE },
  abandonAtMs: ABANDONED,
};
const claimed: PlanChangeStanding = { ...queued, stage: 'claimed', claimUntilMs: CLAIM_END };

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

describe('what is due about a change', () => {
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
    ['at the day, told of nothing: the minutes go without saying', [], OVERDUE, 'tell: overdue'],
    ['at the day, told of both', ['waiting', 'overdue'], OVERDUE, 'wait for giving up'],
    ['after the day, told of it alone', ['overdue'], OVERDUE + 1, 'wait for giving up'],
    ['queued again, told of both before', ['waiting', 'overdue'], OPENED, 'wait for giving up'],
    ['a millisecond before it is given up', ['waiting', 'overdue'], ABANDONED - 1, 'wait for giving up'],
    ['when it is to be given up', ['waiting', 'overdue'], ABANDONED, 'abandon'],
    ['when it is to be given up, told of nothing', [], ABANDONED, 'abandon'],
    ['a millisecond after it is to be given up', ['waiting', 'overdue'], ABANDONED + 1, 'abandon'],
  ])('in the queue: %s', (_when, escalated, nowMs, due) => {
    expect(inWords(dueStep(queued, escalated, nowMs))).toBe(due);
  });

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
  ])('in the queue, what comes first counts: %s', (_what, other, escalated, nowMs, due) => {
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
  ])('claimed: %s', (_when, claimUntilMs, nowMs, due) => {
    expect(inWords(dueStep({ ...claimed, claimUntilMs }, [], nowMs))).toBe(due);
  });

  describe.each(['with-facilitator', 'held'] as const)('%s', (stage) => {
    it.each([
      ['as it is opened', OPENED, 'wait for giving up'],
      ['at the minutes: the unit does not have it', WAITING, 'wait for giving up'],
      ['at the day: the unit does not have it', OVERDUE, 'wait for giving up'],
      ['a millisecond before it is given up', ABANDONED - 1, 'wait for giving up'],
      ['when it is to be given up', ABANDONED, 'abandon'],
      ['a millisecond after it is to be given up', ABANDONED + 1, 'abandon'],
    ])('%s', (_when, nowMs, due) => {
      expect(inWords(dueStep({ ...queued, stage, route: 'internal-agent' }, [], nowMs))).toBe(due);
    });
  });

  it('leads from the opening to the end: each is told once at the most, the minutes before the day', () => {
    const anyBound = fc.integer({ min: 1, max: 20 }).map((days) => OPENED + days * DAY_MS);
    fc.assert(
      fc.property(
        fc.constantFrom('queued', 'claimed', 'with-facilitator', 'held'),
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

describe('the stage', () => {
  it.each<[string, number, PlanChangeStage]>([
    ['a millisecond before the end of the claim', CLAIM_END - 1, 'claimed'],
    ['at the end of the claim', CLAIM_END, 'queued'],
    ['a millisecond after the end of the claim', CLAIM_END + 1, 'queued'],
  ])('of a claimed change %s', (_when, nowMs, stage) => {
    expect(stageAt({ stage: 'claimed', claimUntilMs: CLAIM_END }, nowMs)).toBe(stage);
  });

  it('of a change that is over is one of the three ends', () => {
    expect(PLAN_CHANGE_STAGES.filter((stage) => isOver({ stage }))).toEqual([
      'completed',
      'withdrawn',
      'abandoned',
    ]);
  });

  it.each(PLAN_CHANGE_STAGES.filter((stage) => stage !== 'claimed'))(
    '%s has nothing to do with a claim that ended long ago',
    (stage) => {
      expect(stageAt({ stage, claimUntilMs: OPENED }, CLAIM_END)).toBe(stage);
    },
  );
});

describe('a representative of the unit', () => {
  const DAY = '2026-07-07';
  const licensed = { from: '2026-01-01', to: null };

  it.each(STAFF_ROLES.map((role) => [role, role === 'plan-change-representative'] as const))(
    'is of its own people, whoever else has a licence: %s',
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
  ])('has a licence that is current: %s', (_which, licence, answer) => {
    expect(isRepresentative({ staffKey: 'S1', role: 'plan-change-representative', licence }, DAY)).toBe(
      answer,
    );
  });
});

it('internal agents facilitate what comes by their own channel, and nothing else', () => {
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

describe('who completes a change', () => {
  const NOW = CLAIM_END;
  type Answers = [claimant: string, facilitator: string, anybodyElse: string, intake: string];
  const nobody: Answers = ['wrong-stage', 'wrong-stage', 'wrong-stage', 'wrong-stage'];
  const claimantOnly: Answers = ['may', 'claimed-by-other', 'claimed-by-other', 'claimed-by-other'];
  const anybody: Answers = ['may', 'may', 'may', 'may'];
  const facilitatorOrIntake: Answers = ['not-the-facilitator', 'may', 'not-the-facilitator', 'may'];

  /** The systems that take applications in have no staff key. */
  const answersTo = (
    stage: PlanChangeStage,
    route: PlanChangeRoute,
    { claimUntilMs = NOW + 1, nowMs = NOW } = {},
  ): string[] =>
    ['CLAIMANT', 'FACILITATOR', 'ELSE', null].map((staffKey) => {
      const change = { stage, route, claimedBy: 'CLAIMANT', claimUntilMs, facilitatorKey: 'FACILITATOR' };
      return whyNotTheirs(change, staffKey, nowMs) ?? 'may';
    });

  const routes = ['unit', 'internal-agent', 'own-agent', 'external-agent', 'call-center'] as const;

  it.each(
    routes.flatMap((route) =>
      PLAN_CHANGE_STAGES
        // The unit's changes are in its queue, and never with a facilitator.
        .filter((stage) => route !== 'unit' || stage !== 'with-facilitator')
        .map((stage) => ({ route, stage })),
    ),
  )('$route, $stage', ({ route, stage }) => {
    const others = route === 'internal-agent' ? facilitatorOrIntake : anybody;
    const expected: Partial<Record<PlanChangeStage, Answers>> = {
      claimed: claimantOnly,
      'with-facilitator': others,
    };

    expect(answersTo(stage, route)).toEqual(expected[stage] ?? nobody);
  });

  it.each<[string, number, Answers]>([
    ['a millisecond before its end', NOW + 1, claimantOnly],
    ['at its end', NOW, nobody],
    ['a millisecond after its end', NOW - 1, nobody],
  ])("a claim is the claimant's, and at its end nobody's: %s", (_when, claimUntilMs, answers) => {
    expect(answersTo('claimed', 'unit', { claimUntilMs })).toEqual(answers);
  });

  it('an internal agent cannot complete what has no facilitator on record', () => {
    const change = { stage: 'with-facilitator', route: 'internal-agent', claimedBy: null } as const;

    expect(whyNotTheirs({ ...change, claimUntilMs: null, facilitatorKey: null }, 'ELSE', NOW)).toBe(
      'not-the-facilitator',
    );
  });
});
