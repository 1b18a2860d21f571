import fc from 'fast-check';
import { DateTime } from 'luxon';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
import { afterUnitMinutes, type UnitHours } from '../../../src/domain/plan-change/unit-hours';
import { planChangePolicy } from '../../support/brand';

const { unitHours } = planChangePolicy;
const ms = (iso: string): number => Date.parse(iso);
const local = (atMs: number): DateTime => DateTime.fromMillis(atMs, { zone: unitHours.timeZone });
const iso = (atMs: number): string => local(atMs).toISO({ suppressMilliseconds: true })!;

const MON_TO_SUN = { fromWeekday: 1, toWeekday: 7 };
const isWithin = (hours: UnitHours, atMs: number): boolean => {
  const { weekday, hour } = local(atMs);
  return (
    weekday >= hours.fromWeekday &&
    weekday <= hours.toWeekday &&
    hour >= hours.fromHour &&
    hour < hours.toHour
  );
};

// 5 July 2026 is a Sunday.
describe('minutes of the hours from Monday to Friday, 8 to 20', () => {
  it.each<[string, string, number, string]>([
    ['pass as any others within a day', '2026-07-07T10:00:00-04:00', 15, '2026-07-07T10:15:00-04:00'],
    ['pass from a millisecond on', '2026-07-07T10:00:00.001-04:00', 1, '2026-07-07T10:01:00.001-04:00'],
    ['pass from the moment it opens', '2026-07-07T08:00:00-04:00', 15, '2026-07-07T08:15:00-04:00'],
    ['wait for the opening', '2026-07-07T07:59:59.999-04:00', 15, '2026-07-07T08:15:00-04:00'],
    ['wait since midnight for the opening', '2026-07-07T00:00:00-04:00', 15, '2026-07-07T08:15:00-04:00'],
    ['may end as it closes', '2026-07-07T19:45:00-04:00', 15, '2026-07-07T20:00:00-04:00'],
    ['go on in the morning', '2026-07-07T19:45:00.001-04:00', 15, '2026-07-08T08:00:00.001-04:00'],
    ['are split by the night', '2026-07-07T19:50:00-04:00', 15, '2026-07-08T08:05:00-04:00'],
    ['do not begin as it closes', '2026-07-07T20:00:00-04:00', 15, '2026-07-08T08:15:00-04:00'],
    ['do not pass at night', '2026-07-07T23:59:59.999-04:00', 15, '2026-07-08T08:15:00-04:00'],
    ['are split by the weekend', '2026-07-10T19:50:00-04:00', 15, '2026-07-13T08:05:00-04:00'],
    ['do not pass on a Friday night', '2026-07-10T20:30:00-04:00', 15, '2026-07-13T08:15:00-04:00'],
    ['do not pass on a Saturday', '2026-07-11T10:00:00-04:00', 15, '2026-07-13T08:15:00-04:00'],
    ['do not pass on a Sunday', '2026-07-12T19:59:59.999-04:00', 15, '2026-07-13T08:15:00-04:00'],
    ['do not pass on a Sunday night', '2026-07-12T23:00:00-04:00', 15, '2026-07-13T08:15:00-04:00'],
    ['fill a day', '2026-07-07T08:00:00-04:00', 720, '2026-07-07T20:00:00-04:00'],
    ['fill a day and begin the next', '2026-07-07T08:00:00-04:00', 721, '2026-07-08T08:01:00-04:00'],
    ['fill two days', '2026-07-07T08:00:00-04:00', 1440, '2026-07-08T20:00:00-04:00'],
    ['fill two days around a weekend', '2026-07-10T14:00:00-04:00', 1440, '2026-07-14T14:00:00-04:00'],
    ['go on after the clocks change in March', '2026-03-06T19:50:00-05:00', 15, '2026-03-09T08:05:00-04:00'],
    [
      'go on after the clocks change in November',
      '2026-10-30T19:50:00-04:00',
      15,
      '2026-11-02T08:05:00-05:00',
    ],
  ])('Minutes of the unit’s hours %s', (_what, since, minutes, passed) => {
    expect(iso(afterUnitMinutes(unitHours, ms(since), minutes))).toBe(passed);
  });
});

describe('other hours', () => {
  it.each<[string, Partial<UnitHours>, string, number, string]>([
    ['of one weekday', { fromWeekday: 3, toWeekday: 3 }, '2026-07-08T19:50', 15, '2026-07-15T08:05:00-04:00'],
    ['of a weekend', { fromWeekday: 6, toWeekday: 7 }, '2026-07-12T19:50', 15, '2026-07-18T08:05:00-04:00'],
    ['until midnight', { toHour: 24 }, '2026-07-07T23:45', 15, '2026-07-08T00:00:00-04:00'],
    [
      'until midnight, and on in the morning',
      { toHour: 24 },
      '2026-07-07T23:50',
      15,
      '2026-07-08T08:05:00-04:00',
    ],
    ['until midnight on a Friday', { toHour: 24 }, '2026-07-10T23:50', 15, '2026-07-13T08:05:00-04:00'],
    ['of the whole day', { fromHour: 0, toHour: 24 }, '2026-07-07T23:50', 15, '2026-07-08T00:05:00-04:00'],
    [
      'of the whole day, on a Friday',
      { fromHour: 0, toHour: 24 },
      '2026-07-10T23:50',
      15,
      '2026-07-13T00:05:00-04:00',
    ],
    [
      'until midnight after 23 hours',
      { ...MON_TO_SUN, toHour: 24 },
      '2026-03-08T23:50',
      15,
      '2026-03-09T08:05:00-04:00',
    ],
    [
      'until midnight after 25 hours',
      { ...MON_TO_SUN, toHour: 24 },
      '2026-11-01T23:50',
      15,
      '2026-11-02T08:05:00-05:00',
    ],
  ])('Minutes are counted in other unit hours: %s', (_what, other, since, minutes, passed) => {
    const sinceMs = DateTime.fromISO(since, { zone: unitHours.timeZone }).toMillis();

    expect(iso(afterUnitMinutes({ ...unitHours, ...other }, sinceMs, minutes))).toBe(passed);
  });

  it.each([
    ['fewer by one on the day in March', '2026-03-08T01:00:00-05:00', 120, '2026-03-08T04:00:00-04:00'],
    ['over an hour early on the day in March', '2026-03-08T01:00:00-05:00', 121, '2026-03-09T01:01:00-04:00'],
    ['more by one on the day in November', '2026-11-01T01:00:00-04:00', 240, '2026-11-01T04:00:00-05:00'],
    [
      'counted twice between 1 and 2 in November',
      '2026-11-01T01:30:00-04:00',
      60,
      '2026-11-01T01:30:00-05:00',
    ],
    [
      'over an hour late on the day in November',
      '2026-11-01T01:00:00-04:00',
      241,
      '2026-11-02T01:01:00-05:00',
    ],
  ])('Unit hours from 1 to 4 at night are %s', (_what, since, minutes, passed) => {
    const nightly = { ...unitHours, ...MON_TO_SUN, fromHour: 1, toHour: 4 };

    expect(iso(afterUnitMinutes(nightly, ms(since), minutes))).toBe(passed);
  });

  it('Unit hours that begin in the hour skipped in March begin when it is over', () => {
    const nightly = { ...unitHours, ...MON_TO_SUN, fromHour: 2, toHour: 4 };

    expect(iso(afterUnitMinutes(nightly, ms('2026-03-08T00:30:00-05:00'), 15))).toBe(
      '2026-03-08T03:15:00-04:00',
    );
  });
});

describe('any start and any hours', () => {
  /** Short enough to read in a counterexample: hours are made of it by `hoursOf`. */
  const anyTerms = fc.record({
    weekdays: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })),
    hours: fc.uniqueArray(fc.integer({ min: 0, max: 24 }), { minLength: 2, maxLength: 2 }),
  });
  type Terms = typeof anyTerms extends fc.Arbitrary<infer T> ? T : never;
  const hoursOf = ({ weekdays, hours }: Terms): UnitHours => ({
    timeZone: unitHours.timeZone,
    fromWeekday: Math.min(...weekdays),
    toWeekday: Math.max(...weekdays),
    fromHour: Math.min(...hours),
    toHour: Math.max(...hours),
  });
  const anyMoment = fc.oneof(
    fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2028, 0) }),
    // Two weeks around each change of the clocks, at an edge.
    fc
      .tuple(
        fc.constantFrom(Date.UTC(2026, 2, 1), Date.UTC(2026, 9, 25)),
        fc.integer({ min: 0, max: 14 * 24 }),
        fc.constantFrom(-1, 0, 1),
      )
      .map(([fromMs, hours, asideMs]) => fromMs + hours * HOUR_MS + asideMs),
  );
  const anyMinutes = fc.integer({ min: 1, max: 1440 });

  it('The last of the waited minutes is within the unit’s hours', () => {
    fc.assert(
      fc.property(anyTerms, anyMoment, anyMinutes, (terms, sinceMs, minutes) => {
        const hours = hoursOf(terms);

        expect(isWithin(hours, afterUnitMinutes(hours, sinceMs, minutes) - 1)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('A later start or more minutes never end earlier', () => {
    fc.assert(
      fc.property(anyTerms, anyMoment, anyMinutes, anyMinutes, (terms, sinceMs, minutes, more) => {
        const hours = hoursOf(terms);
        const atMs = afterUnitMinutes(hours, sinceMs, minutes);

        expect(atMs).toBeGreaterThanOrEqual(sinceMs + minutes * MINUTE_MS);
        expect(afterUnitMinutes(hours, sinceMs, minutes + more)).toBeGreaterThanOrEqual(
          atMs + more * MINUTE_MS,
        );
        expect(afterUnitMinutes(hours, sinceMs + more * MINUTE_MS, minutes)).toBeGreaterThanOrEqual(atMs);
      }),
      { numRuns: 500 },
    );
  });

  it('Exactly the requested number of minutes of the unit’s hours have passed', () => {
    const stepMs = HOUR_MS / 2;
    const onTheHalfHour = anyMoment.map((atMs) => Math.round(atMs / stepMs) * stepMs);
    fc.assert(
      fc.property(anyTerms, onTheHalfHour, fc.integer({ min: 1, max: 20 }), (terms, sinceMs, halfHours) => {
        const hours = hoursOf(terms);
        const endMs = afterUnitMinutes(hours, sinceMs, halfHours * 30);

        let counted = 0;
        for (let atMs = sinceMs; atMs < endMs; atMs += stepMs) if (isWithin(hours, atMs)) counted += 1;
        expect({ counted, restMs: (endMs - sinceMs) % stepMs }).toEqual({ counted: halfHours, restMs: 0 });
      }),
      { numRuns: 200 },
    );
  });
});
