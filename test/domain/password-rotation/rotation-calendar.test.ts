import fc from 'fast-check';
import { DateTime } from 'luxon';
import { DAY_MS, HOUR_MS } from '../../../src/domain/time';
import {
  calendarDaysLeft,
  rotationCalendar,
  rotationWindow,
  untilReminderHoursMs,
  writingHours,
} from '../../../src/domain/password-rotation/rotation-calendar';
import { portalPolicies, withMemberPasswordDays } from '../../support/brand';

const { member, broker } = portalPolicies;
const ms = (iso: string): number => Date.parse(iso);
const localTo = (zone: string, atMs: number): string =>
  DateTime.fromMillis(atMs, { zone }).toISO({ suppressMilliseconds: true })!;
const iso = (atMs: number): string => localTo(broker.timeZone, atMs);

const livingFor = (lifetimeDays: number | null, timeZone = broker.timeZone): typeof broker => ({
  ...broker,
  timeZone,
  password: { ...broker.password, lifetimeDays },
});

/** Short enough to read in a counterexample: a policy is made of it by `livingFor`. */
const anyTerms = fc.tuple(
  fc.oneof(fc.constant(90), fc.integer({ min: 1, max: 120 })),
  fc.constantFrom(
    'America/New_York',
    'America/Phoenix',
    'Pacific/Honolulu',
    'America/St_Johns',
    'Asia/Kathmandu',
  ),
);

/** Near a change of the clocks, or 90 days before it, and at an edge of half an hour. */
const momentAtAnEdge = fc
  .record({
    year: fc.integer({ min: 2020, max: 2039 }),
    changeFrom: fc.constantFrom<[month: number, day: number]>([2, 8], [10, 1]),
    daysEarlier: fc.constantFrom(0, 90),
    halfHours: fc.integer({ min: -48, max: 23 * 48 }),
    asideMs: fc.constantFrom(-1, 0, 1),
  })
  .map(({ year, changeFrom, daysEarlier, halfHours, asideMs }) => {
    const changeMs = Date.UTC(year, ...changeFrom);
    return changeMs - daysEarlier * DAY_MS + halfHours * (HOUR_MS / 2) + asideMs;
  });
const anyMoment = fc.oneof(
  fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2041, 0) - 1 }),
  momentAtAnEdge,
);

describe('reminders of a broker’s password', () => {
  type Due = [fourteenBefore: string, sevenBefore: string, dayBefore: string];

  function expectDue(setAt: string, end: string, due: Due): void {
    const { expiresAtMs, reminders } = rotationCalendar(broker, ms(setAt))!;

    expect({ end: iso(expiresAtMs), due: reminders.map(({ atMs }) => iso(atMs)) }).toEqual({ end, due });
    expect(reminders.map(({ daysBefore }) => daysBefore)).toEqual([14, 7, 1]);
  }

  it.each([
    ['00:00:00', '09:00:00'],
    ['08:59:59', '09:00:00'],
    ['08:59:59.999', '09:00:00'],
    ['09:00:00', '09:00:00'],
    ['09:00:00.001', '09:00:00.001'],
    ['12:34:56.789', '12:34:56.789'],
    ['17:59:59', '17:59:59'],
    ['17:59:59.999', '17:59:59.999'],
    ['18:00:00', '09:00:00'],
    ['23:59:00', '09:00:00'],
    ['23:59:59.999', '09:00:00'],
  ])(
    'A broker’s reminder is due at the hour of the end, or at 09:00 outside the hours: set at %s, due at %s',
    (setAt, due) => {
      expectDue(`2026-04-06T${setAt}-04:00`, `2026-07-05T${setAt}-04:00`, [
        `2026-06-21T${due}-04:00`,
        `2026-06-28T${due}-04:00`,
        `2026-07-04T${due}-04:00`,
      ]);
    },
  );

  it.each<[string, string, string, Due]>([
    [
      'across the change in spring it ends, and is told of, an hour later than it was set',
      '2026-01-07T10:15:00-05:00',
      '2026-04-07T11:15:00-04:00',
      ['2026-03-24T11:15:00-04:00', '2026-03-31T11:15:00-04:00', '2026-04-06T11:15:00-04:00'],
    ],
    [
      'the hour of the end counts: set in the hours, it ends when they are over',
      '2026-01-07T17:30:00-05:00',
      '2026-04-07T18:30:00-04:00',
      ['2026-03-24T09:00:00-04:00', '2026-03-31T09:00:00-04:00', '2026-04-06T09:00:00-04:00'],
    ],
    [
      'the hour of the end counts: set before the hours, it ends in them',
      '2026-01-07T08:30:00-05:00',
      '2026-04-07T09:30:00-04:00',
      ['2026-03-24T09:30:00-04:00', '2026-03-31T09:30:00-04:00', '2026-04-06T09:30:00-04:00'],
    ],
    [
      'set late at night it ends a calendar day later, and so do the days of its reminders',
      '2026-01-07T23:30:00-05:00',
      '2026-04-08T00:30:00-04:00',
      ['2026-03-25T09:00:00-04:00', '2026-04-01T09:00:00-04:00', '2026-04-07T09:00:00-04:00'],
    ],
    [
      'the first is due before the change and the end comes after it: the same hour on all days',
      '2025-12-16T10:15:00-05:00',
      '2026-03-16T11:15:00-04:00',
      ['2026-03-02T11:15:00-05:00', '2026-03-09T11:15:00-04:00', '2026-03-15T11:15:00-04:00'],
    ],
    [
      'the first is due on the day of the change',
      '2025-12-22T10:15:00-05:00',
      '2026-03-22T11:15:00-04:00',
      ['2026-03-08T11:15:00-04:00', '2026-03-15T11:15:00-04:00', '2026-03-21T11:15:00-04:00'],
    ],
    [
      'the first would be due in the hour that is left out',
      '2025-12-22T01:30:00-05:00',
      '2026-03-22T02:30:00-04:00',
      ['2026-03-08T09:00:00-04:00', '2026-03-15T09:00:00-04:00', '2026-03-21T09:00:00-04:00'],
    ],
    [
      'the second is due on the day of the change',
      '2025-12-15T16:59:59-05:00',
      '2026-03-15T17:59:59-04:00',
      ['2026-03-01T17:59:59-05:00', '2026-03-08T17:59:59-04:00', '2026-03-14T17:59:59-04:00'],
    ],
    [
      'the last is due on the day of the change',
      '2025-12-09T18:00:00-05:00',
      '2026-03-09T19:00:00-04:00',
      ['2026-02-23T09:00:00-05:00', '2026-03-02T09:00:00-05:00', '2026-03-08T09:00:00-04:00'],
    ],
    [
      'it ends on the day of the change, in its first hour: before it, so at the hour it was set',
      '2025-12-08T00:30:00-05:00',
      '2026-03-08T00:30:00-05:00',
      ['2026-02-22T09:00:00-05:00', '2026-03-01T09:00:00-05:00', '2026-03-07T09:00:00-05:00'],
    ],
    [
      'it is set on the day of the change, after it: nothing changes any more',
      '2026-03-08T10:15:00-04:00',
      '2026-06-06T10:15:00-04:00',
      ['2026-05-23T10:15:00-04:00', '2026-05-30T10:15:00-04:00', '2026-06-05T10:15:00-04:00'],
    ],
  ])('A broker’s reminders allow for the clock change in spring: %s', (_what, setAt, end, due) =>
    expectDue(setAt, end, due),
  );

  it.each<[string, string, string, Due]>([
    [
      'across the change it ends, and is told of, an hour earlier than it was set',
      '2026-09-01T10:15:00-04:00',
      '2026-11-30T09:15:00-05:00',
      ['2026-11-16T09:15:00-05:00', '2026-11-23T09:15:00-05:00', '2026-11-29T09:15:00-05:00'],
    ],
    [
      'the hour of the end counts: set in the hours, it ends before they begin',
      '2026-09-01T09:30:00-04:00',
      '2026-11-30T08:30:00-05:00',
      ['2026-11-16T09:00:00-05:00', '2026-11-23T09:00:00-05:00', '2026-11-29T09:00:00-05:00'],
    ],
    [
      'the hour of the end counts: set after the hours, it ends in them',
      '2026-09-01T18:30:00-04:00',
      '2026-11-30T17:30:00-05:00',
      ['2026-11-16T17:30:00-05:00', '2026-11-23T17:30:00-05:00', '2026-11-29T17:30:00-05:00'],
    ],
    [
      'set just after midnight it ends a calendar day earlier, and so do the days of its reminders',
      '2026-09-01T00:30:00-04:00',
      '2026-11-29T23:30:00-05:00',
      ['2026-11-15T09:00:00-05:00', '2026-11-22T09:00:00-05:00', '2026-11-28T09:00:00-05:00'],
    ],
    [
      'the first is due before the change and the end comes after it: the same hour on all days',
      '2026-08-11T10:15:00-04:00',
      '2026-11-09T09:15:00-05:00',
      ['2026-10-26T09:15:00-04:00', '2026-11-02T09:15:00-05:00', '2026-11-08T09:15:00-05:00'],
    ],
    [
      'the first is due on the day of the change',
      '2026-08-17T10:15:00-04:00',
      '2026-11-15T09:15:00-05:00',
      ['2026-11-01T09:15:00-05:00', '2026-11-08T09:15:00-05:00', '2026-11-14T09:15:00-05:00'],
    ],
    [
      'the first would be due in the hour that comes twice',
      '2026-08-17T02:30:00-04:00',
      '2026-11-15T01:30:00-05:00',
      ['2026-11-01T09:00:00-05:00', '2026-11-08T09:00:00-05:00', '2026-11-14T09:00:00-05:00'],
    ],
    [
      'the second is due on the day of the change',
      '2026-08-10T18:59:59-04:00',
      '2026-11-08T17:59:59-05:00',
      ['2026-10-25T17:59:59-04:00', '2026-11-01T17:59:59-05:00', '2026-11-07T17:59:59-05:00'],
    ],
    [
      'the last is due on the day of the change',
      '2026-08-04T10:00:00-04:00',
      '2026-11-02T09:00:00-05:00',
      ['2026-10-19T09:00:00-04:00', '2026-10-26T09:00:00-04:00', '2026-11-01T09:00:00-05:00'],
    ],
    [
      'it ends in the hour that comes twice, the second time',
      '2026-08-03T02:30:00-04:00',
      '2026-11-01T01:30:00-05:00',
      ['2026-10-18T09:00:00-04:00', '2026-10-25T09:00:00-04:00', '2026-10-31T09:00:00-04:00'],
    ],
    [
      'it is set on the day of the change, before it: the end is an hour earlier',
      '2026-11-01T00:30:00-04:00',
      '2027-01-29T23:30:00-05:00',
      ['2027-01-15T09:00:00-05:00', '2027-01-22T09:00:00-05:00', '2027-01-28T09:00:00-05:00'],
    ],
  ])('A broker’s reminders allow for the clock change in autumn: %s', (_what, setAt, end, due) =>
    expectDue(setAt, end, due),
  );

  it.each<[string, string, string, Due]>([
    [
      'it ends on the leap day',
      '2027-12-01T14:00:00-05:00',
      '2028-02-29T14:00:00-05:00',
      ['2028-02-15T14:00:00-05:00', '2028-02-22T14:00:00-05:00', '2028-02-28T14:00:00-05:00'],
    ],
    [
      'the last is due on the leap day',
      '2027-12-02T14:00:00-05:00',
      '2028-03-01T14:00:00-05:00',
      ['2028-02-16T14:00:00-05:00', '2028-02-23T14:00:00-05:00', '2028-02-29T14:00:00-05:00'],
    ],
    [
      'the second is due on the leap day',
      '2027-12-08T14:00:00-05:00',
      '2028-03-07T14:00:00-05:00',
      ['2028-02-22T14:00:00-05:00', '2028-02-29T14:00:00-05:00', '2028-03-06T14:00:00-05:00'],
    ],
    [
      'the first is due on the leap day',
      '2027-12-15T14:00:00-05:00',
      '2028-03-14T15:00:00-04:00',
      ['2028-02-29T15:00:00-05:00', '2028-03-07T15:00:00-05:00', '2028-03-13T15:00:00-04:00'],
    ],
    [
      'it is set on the leap day',
      '2028-02-29T14:00:00-05:00',
      '2028-05-29T15:00:00-04:00',
      ['2028-05-15T15:00:00-04:00', '2028-05-22T15:00:00-04:00', '2028-05-28T15:00:00-04:00'],
    ],
    [
      'there is no leap day: it ends on the first of March',
      '2026-12-01T14:00:00-05:00',
      '2027-03-01T14:00:00-05:00',
      ['2027-02-15T14:00:00-05:00', '2027-02-22T14:00:00-05:00', '2027-02-28T14:00:00-05:00'],
    ],
    [
      'it ends on New Year: the last is due on the last day of the year',
      '2026-10-03T10:15:00-04:00',
      '2027-01-01T09:15:00-05:00',
      ['2026-12-18T09:15:00-05:00', '2026-12-25T09:15:00-05:00', '2026-12-31T09:15:00-05:00'],
    ],
    [
      'the last is due on New Year',
      '2026-10-04T23:30:00-04:00',
      '2027-01-02T22:30:00-05:00',
      ['2026-12-19T09:00:00-05:00', '2026-12-26T09:00:00-05:00', '2027-01-01T09:00:00-05:00'],
    ],
    [
      'it is set at the turn of the year, still in the old one: the end keeps to its own day',
      '2026-12-31T23:59:59-05:00',
      '2027-04-01T00:59:59-04:00',
      ['2027-03-18T09:00:00-04:00', '2027-03-25T09:00:00-04:00', '2027-03-31T09:00:00-04:00'],
    ],
  ])(
    'A broker’s reminders are due on the right days around the leap day and New Year: %s',
    (_what, setAt, end, due) => expectDue(setAt, end, due),
  );

  it.each<[string, string, [string, string, string]]>([
    [
      'in summer',
      '2026-04-06T10:15:00-04:00',
      ['2026-06-28T00:00:00-04:00', '2026-07-04T00:00:00-04:00', '2026-07-05T10:15:00-04:00'],
    ],
    [
      'when it was moved to the morning',
      '2026-04-06T23:59:00-04:00',
      ['2026-06-28T00:00:00-04:00', '2026-07-04T00:00:00-04:00', '2026-07-05T23:59:00-04:00'],
    ],
    [
      'when the next one is due on the day of the change in spring, which begins in winter',
      '2025-12-15T10:15:00-05:00',
      ['2026-03-08T00:00:00-05:00', '2026-03-14T00:00:00-04:00', '2026-03-15T11:15:00-04:00'],
    ],
    [
      'when the next one is due on the day of the change in autumn, which begins in summer',
      '2026-08-10T10:15:00-04:00',
      ['2026-11-01T00:00:00-04:00', '2026-11-07T00:00:00-05:00', '2026-11-08T09:15:00-05:00'],
    ],
    [
      'when the end is within an hour after a midnight, and the change in spring a day or more before',
      '2025-12-09T23:30:00-05:00',
      ['2026-03-03T00:00:00-05:00', '2026-03-09T00:00:00-04:00', '2026-03-10T00:30:00-04:00'],
    ],
    [
      'when the end is within an hour before a midnight, and the change in autumn a day or more before',
      '2026-08-05T00:30:00-04:00',
      ['2026-10-26T00:00:00-04:00', '2026-11-01T00:00:00-04:00', '2026-11-02T23:30:00-05:00'],
    ],
    [
      'when the next one is due on the leap day',
      '2027-12-02T14:00:00-05:00',
      ['2028-02-23T00:00:00-05:00', '2028-02-29T00:00:00-05:00', '2028-03-01T14:00:00-05:00'],
    ],
  ])(
    'A reminder may go out until the day of the next one begins, the last until the end: %s',
    (_what, setAt, until) => {
      expect(rotationCalendar(broker, ms(setAt))!.reminders.map(({ untilMs }) => iso(untilMs))).toEqual(
        until,
      );
    },
  );
});

describe('other policies', () => {
  it.each([
    [1, []],
    [2, [1]],
    [7, [1]],
    [8, [7, 1]],
    [10, [7, 1]],
    [14, [7, 1]],
    [15, [14, 7, 1]],
    [3650, [14, 7, 1]],
  ])(
    'A password that lives %i days has its first reminder no earlier than the day after it was set: %j',
    (days, told) => {
      const setAtMs = ms('2026-04-06T10:15:00-04:00');

      const { expiresAtMs, reminders } = rotationCalendar(livingFor(days), setAtMs)!;

      expect(expiresAtMs).toBe(setAtMs + days * DAY_MS);
      expect(reminders.map(({ daysBefore }) => daysBefore)).toEqual(told);
    },
  );

  it('A short-lived password has its first reminder like any other', () => {
    const { reminders } = rotationCalendar(livingFor(10), ms('2026-10-27T10:15:00-04:00'))!;

    expect(reminders.map(({ atMs, untilMs }) => [iso(atMs), iso(untilMs)])).toEqual([
      ['2026-10-30T09:15:00-04:00', '2026-11-05T00:00:00-05:00'],
      ['2026-11-05T09:15:00-05:00', '2026-11-06T09:15:00-05:00'],
    ]);
  });

  it('A password that does not expire has no reminders', () => {
    expect(rotationCalendar(member, ms('2026-04-06T10:15:00-04:00'))).toBeNull();
    expect(rotationCalendar(livingFor(null), ms('2026-04-06T10:15:00-04:00'))).toBeNull();
  });

  it('Members are reminded like brokers once their passwords expire', () => {
    const setAtMs = ms('2026-04-06T10:15:00-04:00');

    expect(rotationCalendar(withMemberPasswordDays(90).member, setAtMs)).toEqual(
      rotationCalendar(broker, setAtMs),
    );
  });

  it('Reminders are ordered earliest first, in whatever order the policy names them', () => {
    const shuffled = { ...broker, reminders: { ...broker.reminders, daysBefore: [1, 14, 7] } };
    const setAtMs = ms('2026-04-06T10:15:00-04:00');

    expect(rotationCalendar(shuffled, setAtMs)).toEqual(rotationCalendar(broker, setAtMs));
    expect(shuffled.reminders.daysBefore).toEqual([1, 14, 7]);
  });

  it.each([
    ['Asia/Kathmandu', '2026-07-05T23:44:59Z', '2026-06-22T09:00:00+05:45', '2026-06-29T00:00:00+05:45'],
    ['Asia/Kathmandu', '2026-07-05T04:00:00Z', '2026-06-21T09:45:00+05:45', '2026-06-28T00:00:00+05:45'],
    ['Pacific/Honolulu', '2026-07-05T04:30:00Z', '2026-06-20T09:00:00-10:00', '2026-06-27T00:00:00-10:00'],
    ['America/Phoenix', '2026-03-09T00:30:00Z', '2026-02-22T17:30:00-07:00', '2026-03-01T00:00:00-07:00'],
    ['America/St_Johns', '2026-03-22T12:00:00Z', '2026-03-08T09:30:00-02:30', '2026-03-15T00:00:00-02:30'],
  ])(
    'Reminders keep the days and hours of the portal’s time zone: in %s an end at %s',
    (timeZone, end, due, until) => {
      const [first] = rotationCalendar({ ...broker, timeZone }, ms(end) - 90 * DAY_MS)!.reminders;

      expect([localTo(timeZone, first!.atMs), localTo(timeZone, first!.untilMs)]).toEqual([due, until]);
    },
  );
});

describe('rotationWindow', () => {
  const nowMs = ms('2026-07-05T10:15:00-04:00');
  /** As the query asks that finds them. */
  const isFound = (policy: typeof broker, setAtMs: number, atMs: number): boolean => {
    const { setAfterMs, setUntilMs } = rotationWindow(policy, atMs)!;
    return setAtMs > setAfterMs && setAtMs <= setUntilMs;
  };

  it.each([
    ['not yet a millisecond before 15 days are left', 75 * DAY_MS - 1, false],
    ['with 15 days left', 75 * DAY_MS, true],
    ['with a millisecond left', 90 * DAY_MS - 1, true],
    ['not any more at the end', 90 * DAY_MS, false],
  ])('A password in its last days is found %s', (_what, ageMs, found) => {
    expect(isFound(broker, nowMs - ageMs, nowMs)).toBe(found);
  });

  it('A password that lives less than 15 days is found at once', () => {
    expect(isFound(livingFor(10), nowMs, nowMs)).toBe(true);
    expect(isFound(livingFor(10), nowMs - 10 * DAY_MS, nowMs)).toBe(false);
  });

  it('There is no rotation window where passwords do not expire', () => {
    expect(rotationWindow(member, nowMs)).toBeNull();
  });

  it('A password is found an hour or more before its first reminder and in its last 15 days only', () => {
    fc.assert(
      fc.property(anyTerms, anyMoment, (terms, setAtMs) => {
        const policy = livingFor(...terms);
        const { expiresAtMs, reminders } = rotationCalendar(policy, setAtMs)!;
        const firstAtMs = reminders[0]?.atMs ?? expiresAtMs - 1;

        expect(isFound(policy, setAtMs, firstAtMs)).toBe(true);
        expect(isFound(policy, setAtMs, Math.max(setAtMs, firstAtMs - HOUR_MS))).toBe(true);
        expect(isFound(policy, setAtMs, expiresAtMs - 1)).toBe(true);
        expect(isFound(policy, setAtMs, expiresAtMs)).toBe(false);
        expect(isFound(policy, setAtMs, expiresAtMs - 15 * DAY_MS - HOUR_MS)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('untilReminderHoursMs', () => {
  it.each([
    ['09:00:00 in the morning', '2026-07-05T09:00:00-04:00', '2026-07-05T09:00:00-04:00'],
    ['17:59:59.999', '2026-07-05T17:59:59.999-04:00', '2026-07-05T17:59:59.999-04:00'],
    ['08:59:59.999', '2026-07-05T08:59:59.999-04:00', '2026-07-05T09:00:00-04:00'],
    ['midnight', '2026-07-05T00:00:00-04:00', '2026-07-05T09:00:00-04:00'],
    ['18:00:00 in the evening', '2026-07-05T18:00:00-04:00', '2026-07-06T09:00:00-04:00'],
    ['23:59:59.999', '2026-07-05T23:59:59.999-04:00', '2026-07-06T09:00:00-04:00'],
    ['the evening before the change in spring', '2026-03-07T18:00:00-05:00', '2026-03-08T09:00:00-04:00'],
    [
      'the last hour before the day of the change in spring',
      '2026-03-07T23:30:00-05:00',
      '2026-03-08T09:00:00-04:00',
    ],
    ['the hour before the change in spring', '2026-03-08T01:59:59-05:00', '2026-03-08T09:00:00-04:00'],
    ['the evening before the change in autumn', '2026-10-31T18:00:00-04:00', '2026-11-01T09:00:00-05:00'],
    ['the hour that comes twice, the first time', '2026-11-01T01:30:00-04:00', '2026-11-01T09:00:00-05:00'],
    ['the hour that comes twice, the second time', '2026-11-01T01:30:00-05:00', '2026-11-01T09:00:00-05:00'],
    ['the evening before the leap day', '2028-02-28T20:00:00-05:00', '2028-02-29T09:00:00-05:00'],
    ['the last evening of the year', '2026-12-31T20:00:00-05:00', '2027-01-01T09:00:00-05:00'],
  ])('A reminder waits for the reminder hours: from %s', (_what, now, begin) => {
    expect(iso(ms(now) + untilReminderHoursMs(writingHours(broker), ms(now)))).toBe(begin);
  });

  it('The wait for the reminder hours is at most one night, and zero within the hours', () => {
    fc.assert(
      fc.property(anyTerms, anyMoment, (terms, nowMs) => {
        const policy = livingFor(...terms);
        const waitMs = untilReminderHoursMs(writingHours(policy), nowMs);
        const isInHours = (atMs: number) => {
          const time = localTo(policy.timeZone, atMs).slice(11, 16);
          return time >= '09:00' && time < '18:00';
        };

        expect(waitMs === 0).toBe(isInHours(nowMs));
        // 15 hours of a night, and one more in autumn.
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(16 * HOUR_MS);
        expect(isInHours(nowMs + waitMs)).toBe(true);
        expect(untilReminderHoursMs(writingHours(policy), nowMs + waitMs)).toBe(0);
        if (waitMs > 0) expect(untilReminderHoursMs(writingHours(policy), nowMs + waitMs - 1)).toBe(1);
      }),
      { numRuns: 500 },
    );
  });
});

describe('calendarDaysLeft', () => {
  it.each([
    ['at the end', '2026-07-05T10:15:00-04:00', 0],
    ['when the last day begins', '2026-07-05T00:00:00-04:00', 0],
    ['a millisecond before the last day', '2026-07-04T23:59:59.999-04:00', 1],
    ['14 days before, late in the evening', '2026-06-21T23:59:00-04:00', 14],
    ['14 days before, when the day begins', '2026-06-21T00:00:00-04:00', 14],
  ])('The days left are the midnights left: %s', (_when, now, days) => {
    expect(calendarDaysLeft(broker.timeZone, ms('2026-07-05T10:15:00-04:00'), ms(now))).toBe(days);
  });

  it.each([
    ['of 23 hours', '2026-03-09T00:00:00-04:00', '2026-03-08T00:00:00-05:00', 1],
    ['of 23 hours, among seven', '2026-03-12T00:30:00-04:00', '2026-03-05T23:30:00-05:00', 7],
    ['of 25 hours', '2026-11-02T00:00:00-05:00', '2026-11-01T00:00:00-04:00', 1],
    ['of 25 hours, in itself', '2026-11-01T23:59:59-05:00', '2026-11-01T00:00:00-04:00', 0],
    ['of 25 hours, among seven', '2026-11-05T23:30:00-05:00', '2026-10-29T00:30:00-04:00', 7],
    ['that comes every four years', '2028-03-01T10:00:00-05:00', '2028-02-28T10:00:00-05:00', 2],
    ['that ends a year', '2027-01-01T00:00:00-05:00', '2026-12-31T23:59:59-05:00', 1],
  ])('The days left count a day %s like any other', (_what, end, now, days) => {
    expect(calendarDaysLeft(broker.timeZone, ms(end), ms(now))).toBe(days);
  });
});

describe('any password at any time', () => {
  const localDay = (zone: string, atMs: number): string => localTo(zone, atMs).slice(0, 10);
  const localTime = (zone: string, atMs: number): string => localTo(zone, atMs).slice(11, -6);

  const everyReminder = (
    check: (told: {
      readonly policy: typeof broker;
      readonly setAtMs: number;
      readonly calendar: NonNullable<ReturnType<typeof rotationCalendar>>;
    }) => void,
  ): void =>
    fc.assert(
      fc.property(anyTerms, anyMoment, (terms, setAtMs) => {
        const policy = livingFor(...terms);
        check({ policy, setAtMs, calendar: rotationCalendar(policy, setAtMs)! });
      }),
      { numRuns: 500 },
    );

  it('A reminder is due the promised number of calendar days before the end', () => {
    everyReminder(({ policy, calendar: { expiresAtMs, reminders } }) => {
      const endDay = Date.parse(localDay(policy.timeZone, expiresAtMs));
      for (const { daysBefore, atMs } of reminders) {
        expect((endDay - Date.parse(localDay(policy.timeZone, atMs))) / DAY_MS).toBe(daysBefore);
        expect(calendarDaysLeft(policy.timeZone, expiresAtMs, atMs)).toBe(daysBefore);
      }
    });
  });

  it('A reminder is due at the hour of the end, or when the hours begin if that is outside them', () => {
    everyReminder(({ policy: { timeZone }, calendar: { expiresAtMs, reminders } }) => {
      const end = localTime(timeZone, expiresAtMs);
      const due = end >= '09:00:00' && end < '18:00:00' ? end : '09:00:00';
      for (const { atMs } of reminders) expect(localTime(timeZone, atMs)).toBe(due);
    });
  });

  it('Reminders are within the hours, in order, after the password was set and before it ends', () => {
    everyReminder(({ policy, setAtMs, calendar: { expiresAtMs, reminders } }) => {
      expect(expiresAtMs).toBe(setAtMs + policy.password.lifetimeDays! * DAY_MS);
      const moments = [setAtMs, ...reminders.map(({ atMs }) => atMs), expiresAtMs];
      for (const [i, moment] of moments.slice(1).entries()) expect(moment).toBeGreaterThan(moments[i]!);
      for (const { atMs } of reminders) expect(untilReminderHoursMs(writingHours(policy), atMs)).toBe(0);
    });
  });

  it('A reminder is over when the day of the next one begins, so no day can bring two', () => {
    everyReminder(({ policy: { timeZone }, calendar: { expiresAtMs, reminders } }) => {
      for (const [i, { atMs, untilMs }] of reminders.entries()) {
        const next = reminders[i + 1];
        expect(untilMs).toBeGreaterThan(atMs);
        expect(untilMs).toBeLessThanOrEqual(next?.atMs ?? expiresAtMs);
        if (next === undefined) {
          expect(untilMs).toBe(expiresAtMs);
        } else {
          expect(localTime(timeZone, untilMs)).toBe('00:00:00');
          expect(localDay(timeZone, untilMs)).toBe(localDay(timeZone, next.atMs));
          expect(localDay(timeZone, untilMs - 1) < localDay(timeZone, next.atMs)).toBe(true);
        }
      }
    });
  });
});
