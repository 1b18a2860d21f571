import fc from 'fast-check';
import { DateTime } from 'luxon';
import { nextReminder } from '../../../src/domain/password-rotation/password-rotation';
import { HOUR_MS } from '../../../src/domain/time';
import {
  rotationCalendar,
  untilReminderHoursMs,
  writingHours,
  type ReminderSlot,
} from '../../../src/domain/password-rotation/rotation-calendar';
import { portalPolicies } from '../../support/brand';

const broker = portalPolicies.broker;
const ms = (iso: string): number => Date.parse(iso);

describe('nextReminder', () => {
  /** After the first there is a time in which nothing may go out; the last is due the moment the second is over. */
  const reminders: readonly ReminderSlot[] = [
    { daysBefore: 14, atMs: 1000, untilMs: 2000 },
    { daysBefore: 7, atMs: 2500, untilMs: 4000 },
    { daysBefore: 1, atMs: 4000, untilMs: 5000 },
  ];

  it.each<[string, number, number, number | null]>([
    ['long before all', 0, -1_000_000, 0],
    ['a millisecond before the first is due', 0, 999, 0],
    ['when the first is due', 0, 1000, 0],
    ['when the first is late', 0, 1500, 0],
    ['a millisecond before the first is over', 0, 1999, 0],
    ['when the first is over', 0, 2000, 1],
    ['when the first is over, and the second not due yet', 0, 2400, 1],
    ['when the second is due', 0, 2500, 1],
    ['a millisecond before the second is over', 0, 3999, 1],
    ['when the second is over', 0, 4000, 2],
    ['a millisecond before the last is over', 0, 4999, 2],
    ['when the last is over', 0, 5000, null],
    ['after all', 0, 1_000_000, null],
    ['after the first, which may still go out', 1, 1500, 1],
    ['after the first, long before all', 1, 0, 1],
    ['after the first, when the second is over', 1, 4000, 2],
    ['after the second, long before all', 2, 0, 2],
    ['after the second, which may still go out', 2, 3999, 2],
    ['after the second, when the last is over', 2, 5000, null],
    ['after the last, which may still go out', 3, 4999, null],
    ['after the last, long before all', 3, 0, null],
    ['far beyond the last', 99, 1500, null],
  ])('The next reminder %s, from number %i at %i, is %j', (_what, from, nowMs, number) => {
    expect(nextReminder(reminders, from, nowMs)).toEqual(
      number === null ? null : { number, slot: reminders[number] },
    );
  });

  it('There is no next reminder when a password has no reminders', () => {
    expect(nextReminder([], 0, 0)).toBeNull();
  });

  it('The next reminder is the first from the given number on that is not over', () => {
    fc.assert(
      fc.property(fc.nat({ max: 4 }), fc.integer({ min: 0, max: 6000 }), (from, nowMs) => {
        const next = nextReminder(reminders, from, nowMs);

        const number = next?.number ?? reminders.length;
        if (next !== null) {
          expect(number).toBeGreaterThanOrEqual(from);
          expect(next.slot).toBe(reminders[number]);
          expect(next.slot.untilMs).toBeGreaterThan(nowMs);
        }
        for (const { untilMs } of reminders.slice(from, number)) expect(untilMs).toBeLessThanOrEqual(nowMs);
      }),
    );
  });
});

describe('reminders sent hour by hour', () => {
  interface Outage {
    readonly fromMs: number;
    readonly toMs: number;
  }
  interface Sent {
    readonly daysBefore: number;
    readonly atMs: number;
  }
  const noOutage: Outage = { fromMs: 0, toMs: 0 };
  const localDay = (zone: string, atMs: number) => DateTime.fromMillis(atMs, { zone }).toISODate()!;

  /** What goes out when once an hour, except in the outage, somebody looks, and sends in the hours what is due. */
  function sentHourByHour(setAtMs: number, outage = noOutage, policy = broker): readonly Sent[] {
    const { expiresAtMs, reminders } = rotationCalendar(policy, setAtMs)!;
    const sent: Sent[] = [];
    let from = 0;
    for (let nowMs = setAtMs; nowMs < expiresAtMs; nowMs += HOUR_MS) {
      if (nowMs >= outage.fromMs && nowMs < outage.toMs) continue;
      const next = nextReminder(reminders, from, nowMs);
      if (next === null || nowMs < next.slot.atMs || untilReminderHoursMs(writingHours(policy), nowMs) > 0)
        continue;
      sent.push({ daysBefore: next.slot.daysBefore, atMs: nowMs });
      from = next.number + 1;
    }
    return sent;
  }

  const told = (sent: readonly Sent[]) =>
    sent.map(({ daysBefore, atMs }) => {
      const local = DateTime.fromMillis(atMs, { zone: broker.timeZone });
      return `${daysBefore} on ${local.toFormat('yyyy-MM-dd HH:mm')}`;
    });

  it.each([
    [
      'in the hours',
      '2026-04-06T15:15:00-04:00',
      ['14 on 2026-06-21 15:15', '7 on 2026-06-28 15:15', '1 on 2026-07-04 15:15'],
    ],
    [
      'at night',
      '2026-04-06T23:15:00-04:00',
      ['14 on 2026-06-21 09:15', '7 on 2026-06-28 09:15', '1 on 2026-07-04 09:15'],
    ],
    [
      'before the change in spring',
      '2025-12-22T15:15:00-05:00',
      ['14 on 2026-03-08 16:15', '7 on 2026-03-15 16:15', '1 on 2026-03-21 16:15'],
    ],
    [
      'before the change in autumn',
      '2026-08-10T15:15:00-04:00',
      ['14 on 2026-10-25 14:15', '7 on 2026-11-01 14:15', '1 on 2026-11-07 14:15'],
    ],
  ])('A password brings three reminders when it is set %s', (_when, setAt, expected) => {
    expect(told(sentHourByHour(ms(setAt)))).toEqual(expected);
  });

  it.each([
    [
      'over before the first is due',
      '2026-11-01T00:00-04:00',
      '2026-11-08T14:15-05:00',
      ['14 on 2026-11-08 14:15', '7 on 2026-11-15 14:15', '1 on 2026-11-21 14:15'],
    ],
    [
      'over four days after the first was due: it is late',
      '2026-11-07T00:00-05:00',
      '2026-11-12T11:15-05:00',
      ['14 on 2026-11-12 11:15', '7 on 2026-11-15 14:15', '1 on 2026-11-21 14:15'],
    ],
    [
      'over in the night, four days after the first was due: it is sent in the morning',
      '2026-11-07T00:00-05:00',
      '2026-11-12T22:15-05:00',
      ['14 on 2026-11-13 09:15', '7 on 2026-11-15 14:15', '1 on 2026-11-21 14:15'],
    ],
    [
      'over at the last hour of the day before the second: both go out, on two days',
      '2026-11-07T00:00-05:00',
      '2026-11-14T17:15-05:00',
      ['14 on 2026-11-14 17:15', '7 on 2026-11-15 14:15', '1 on 2026-11-21 14:15'],
    ],
    [
      'over in the evening before the second: there are no hours left for the first',
      '2026-11-07T00:00-05:00',
      '2026-11-14T18:15-05:00',
      ['7 on 2026-11-15 14:15', '1 on 2026-11-21 14:15'],
    ],
    [
      'over in the morning of the second: the first is over',
      '2026-11-07T00:00-05:00',
      '2026-11-15T09:15-05:00',
      ['7 on 2026-11-15 14:15', '1 on 2026-11-21 14:15'],
    ],
    [
      'over three days after the second was due: one makes up for two',
      '2026-11-07T00:00-05:00',
      '2026-11-18T12:15-05:00',
      ['7 on 2026-11-18 12:15', '1 on 2026-11-21 14:15'],
    ],
    [
      'over when the last is due: one makes up for three',
      '2026-11-07T00:00-05:00',
      '2026-11-21T17:15-05:00',
      ['1 on 2026-11-21 17:15'],
    ],
    [
      'from after the first until the last day: the last is late',
      '2026-11-09T00:00-05:00',
      '2026-11-22T09:15-05:00',
      ['14 on 2026-11-08 14:15', '1 on 2026-11-22 09:15'],
    ],
    [
      'until the end: there is nothing left to remind of',
      '2026-11-07T00:00-05:00',
      '2026-11-22T14:15-05:00',
      [],
    ],
  ])('A password brings at most one late reminder after an outage %s', (_what, from, to, expected) => {
    const outage = { fromMs: ms(from), toMs: ms(to) };

    expect(told(sentHourByHour(ms('2026-08-24T15:15:00-04:00'), outage))).toEqual(expected);
  });

  const anyZone = fc.constantFrom(
    'America/New_York',
    'America/Phoenix',
    'Pacific/Honolulu',
    'America/St_Johns',
    'Asia/Kathmandu',
  );
  const anyMoment = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2041, 0) - 1 });

  it('A password brings exactly three reminders, each on its day, in any time zone and at any time', () => {
    fc.assert(
      fc.property(anyZone, anyMoment, (timeZone, setAtMs) => {
        const policy = { ...broker, timeZone };
        const due = rotationCalendar(policy, setAtMs)!.reminders;

        const sent = sentHourByHour(setAtMs, noOutage, policy);

        expect(sent.map(({ daysBefore }) => daysBefore)).toEqual([14, 7, 1]);
        expect(sent.map(({ atMs }) => localDay(timeZone, atMs))).toEqual(
          due.map(({ atMs }) => localDay(timeZone, atMs)),
        );
      }),
    );
  });

  it('An outage brings at most one of the reminders due in it, and no day brings two', () => {
    const anyOutage = fc.tuple(fc.nat({ max: 90 * 24 }), fc.nat({ max: 30 * 24 }));
    fc.assert(
      fc.property(anyZone, anyMoment, anyOutage, (timeZone, setAtMs, [startHour, hours]) => {
        const policy = { ...broker, timeZone };
        const due = rotationCalendar(policy, setAtMs)!.reminders;
        const fromMs = setAtMs + startHour * HOUR_MS;
        const outage = { fromMs, toMs: fromMs + hours * HOUR_MS };
        const dueInIt = due.filter(({ atMs }) => atMs >= outage.fromMs && atMs < outage.toMs);

        const sent = sentHourByHour(setAtMs, outage, policy);

        const days = sent.map(({ atMs }) => localDay(timeZone, atMs));
        expect(new Set(days).size).toBe(days.length);
        const late = sent.filter(({ daysBefore }) => dueInIt.some((slot) => slot.daysBefore === daysBefore));
        expect(late.length).toBeLessThanOrEqual(1);
        if (late.length > 0) expect(late[0]!.daysBefore).toBe(dueInIt.at(-1)!.daysBefore);
        for (const { daysBefore, atMs } of due) {
          if (atMs + HOUR_MS > outage.fromMs && atMs < outage.toMs) continue;
          const onTime = sent.find((reminder) => reminder.daysBefore === daysBefore);
          expect(onTime!.atMs - atMs).toBeLessThan(HOUR_MS);
        }
      }),
      { numRuns: 300 },
    );
  });
});
