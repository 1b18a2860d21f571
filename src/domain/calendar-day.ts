/** Calendar days in a time zone. Apart from `time.ts`, because runs import that one and must not load luxon. */
import { DateTime } from 'luxon';

/** The calendar day `YYYY-MM-DD` of a moment in a time zone (IANA name). */
export const calendarDay = (timeZone: string, atMs: number): string =>
  DateTime.fromMillis(atMs, { zone: timeZone }).toISODate() ?? '';

/** The calendar day `count` days after `day`; before it if negative. */
export const plusDays = (day: string, count: number): string =>
  DateTime.fromISO(day, { zone: 'utc' }).plus({ days: count }).toISODate() ?? '';
