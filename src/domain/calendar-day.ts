/** Calendar days in a time zone. Apart from `time.ts`, because runs import that one and must not load luxon. */
import { DateTime } from 'luxon';
import { DAY_MS } from './time';

/** The calendar day `YYYY-MM-DD` of a moment in a time zone (IANA name). */
export const calendarDay = (timeZone: string, atMs: number): string =>
  DateTime.fromMillis(atMs, { zone: timeZone }).toISODate() ?? '';

/** The calendar day `count` days after `day`; before it if negative. Without luxon: whole records are played with it. */
export const plusDays = (day: string, count: number): string =>
  new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);
