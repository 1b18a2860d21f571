import { DateTime } from 'luxon';
import { planChangeSnapshot, unitDay } from '../../../src/domain/plan-change/deadlines';
import { planChangePolicy } from '../../support/brand';

const { timeZone } = planChangePolicy.unitHours;
const ms = (iso: string): number => Date.parse(iso);
const iso = (atMs: number): string =>
  DateTime.fromMillis(atMs, { zone: timeZone }).toISO({ suppressMilliseconds: true })!;

describe('unitDay', () => {
  it.each([
    ['a millisecond before midnight in winter', '2026-01-15T04:59:59.999Z', '2026-01-14'],
    ['midnight in winter', '2026-01-15T05:00:00Z', '2026-01-15'],
    ['a millisecond before midnight in summer', '2026-07-15T03:59:59.999Z', '2026-07-14'],
    ['midnight in summer', '2026-07-15T04:00:00Z', '2026-07-15'],
    ['the end of the day of 23 hours', '2026-03-09T03:59:59.999Z', '2026-03-08'],
    ['midnight after the day of 23 hours', '2026-03-09T04:00:00Z', '2026-03-09'],
    ['the end of the day of 25 hours', '2026-11-02T04:59:59.999Z', '2026-11-01'],
    ['midnight after the day of 25 hours', '2026-11-02T05:00:00Z', '2026-11-02'],
    ['the last evening of the year', '2027-01-01T04:59:59.999Z', '2026-12-31'],
  ])('The unit’s day changes at midnight in New York: %s', (_when, now, day) => {
    expect(unitDay(planChangePolicy, ms(now))).toBe(day);
  });

  it('The unit’s day changes at midnight in the unit’s own time zone', () => {
    const inHonolulu = {
      ...planChangePolicy,
      unitHours: { ...planChangePolicy.unitHours, timeZone: 'Pacific/Honolulu' },
    };

    expect(unitDay(inHonolulu, ms('2026-07-15T09:59:59.999Z'))).toBe('2026-07-14');
    expect(unitDay(inHonolulu, ms('2026-07-15T10:00:00Z'))).toBe('2026-07-15');
  });
});

describe('planChangeSnapshot', () => {
  const openedAtMs = ms('2026-07-06T09:00:00-04:00');
  const change = {
    stage: 'queued',
    route: 'unit',
    claimUntilMs: null,
    openedAtMs,
    waitingSinceMs: openedAtMs,
    outcome: null,
    moves: 3,
  } as const;

  const bounds = (policy: typeof planChangePolicy, waitingSince: string): string[] => {
    const { escalateAtMs, abandonAtMs } = planChangeSnapshot(policy, {
      ...change,
      waitingSinceMs: ms(waitingSince),
    });
    return [escalateAtMs.waiting, escalateAtMs.overdue, abandonAtMs].map(iso);
  };

  const ABANDONED = '2026-08-05T09:00:00-04:00';
  it.each([
    [
      'since the intake',
      '2026-07-06T09:00:00-04:00',
      '2026-07-06T09:15:00-04:00',
      '2026-07-07T09:00:00-04:00',
    ],
    [
      'since it was put back',
      '2026-07-08T12:00:00-04:00',
      '2026-07-08T12:15:00-04:00',
      '2026-07-09T12:00:00-04:00',
    ],
    [
      'since a Friday evening: a day is a day, minutes are those of the hours',
      '2026-07-10T19:50:00-04:00',
      '2026-07-13T08:05:00-04:00',
      '2026-07-11T19:50:00-04:00',
    ],
  ])(
    'Escalation counts from when a change began to wait, abandonment from the intake: %s',
    (_since, waitingSince, waiting, overdue) => {
      expect(bounds(planChangePolicy, waitingSince)).toEqual([waiting, overdue, ABANDONED]);
    },
  );

  it('A replacement facilitator gets as long as the first, and a held change says since when it is held', () => {
    const waitingSinceMs = ms('2026-07-20T09:00:00-04:00');
    const facilitators = { ...change, route: 'external-agent', waitingSinceMs } as const;

    expect(
      planChangeSnapshot(planChangePolicy, { ...facilitators, stage: 'with-facilitator' }),
    ).toStrictEqual({
      stage: 'with-facilitator',
      route: 'external-agent',
      claimUntilMs: null,
      escalateAtMs: expect.anything(),
      abandonAtMs: ms('2026-08-19T09:00:00-04:00'),
      waitingSinceMs,
      moves: 3,
    });
    expect(
      planChangeSnapshot(planChangePolicy, { ...facilitators, stage: 'held', heldSinceMs: openedAtMs }),
    ).toMatchObject({ heldSinceMs: openedAtMs });
  });

  it('Deadlines count elapsed days and hours across a clock change', () => {
    const openedMs = ms('2026-10-31T12:00:00-04:00');
    const { escalateAtMs, abandonAtMs } = planChangeSnapshot(planChangePolicy, {
      ...change,
      openedAtMs: openedMs,
      waitingSinceMs: openedMs,
    });

    expect(iso(escalateAtMs.overdue)).toBe('2026-11-01T11:00:00-05:00');
    expect(iso(abandonAtMs)).toBe('2026-11-30T11:00:00-05:00');
  });

  it('Each deadline follows its own setting', () => {
    const since = '2026-07-06T09:00:00-04:00';
    const [waiting, overdue] = ['2026-07-06T09:15:00-04:00', '2026-07-07T09:00:00-04:00'];
    const lateShift = { ...planChangePolicy.unitHours, fromHour: 10 };

    expect(bounds({ ...planChangePolicy, waitingMinutes: 20 }, since)).toEqual([
      '2026-07-06T09:20:00-04:00',
      overdue,
      ABANDONED,
    ]);
    expect(bounds({ ...planChangePolicy, unitHours: lateShift }, since)).toEqual([
      '2026-07-06T10:15:00-04:00',
      overdue,
      ABANDONED,
    ]);
    expect(bounds({ ...planChangePolicy, overdueHours: 2 }, since)).toEqual([
      waiting,
      '2026-07-06T11:00:00-04:00',
      ABANDONED,
    ]);
    expect(bounds({ ...planChangePolicy, abandonAfterDays: 2 }, since)).toEqual([
      waiting,
      overdue,
      '2026-07-08T09:00:00-04:00',
    ]);
  });

  it('A change’s snapshot has stage, route and claim as they are, and no outcome before there is one', () => {
    const claimUntilMs = ms('2026-07-06T10:00:00-04:00');
    const standing = planChangeSnapshot(planChangePolicy, { ...change, stage: 'claimed', claimUntilMs });

    expect(standing).toStrictEqual({
      stage: 'claimed',
      route: 'unit',
      claimUntilMs,
      escalateAtMs: {
        waiting: ms('2026-07-06T09:15:00-04:00'),
        overdue: ms('2026-07-07T09:00:00-04:00'),
      },
      abandonAtMs: ms(ABANDONED),
      waitingSinceMs: openedAtMs,
      moves: 3,
    });
  });

  it.each(['retained', 'transferred', 'ended', 'none'] as const)(
    'A completed change’s snapshot has the outcome %s',
    (outcome) => {
      expect(planChangeSnapshot(planChangePolicy, { ...change, stage: 'completed', outcome })).toMatchObject({
        stage: 'completed',
        outcome,
      });
    },
  );
});
