/** Units of time in milliseconds, and calendar days. */
import { DateTime } from 'luxon';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The calendar day `YYYY-MM-DD` of a moment in a time zone (IANA name). */
export const calendarDay = (timeZone: string, atMs: number): string =>
  DateTime.fromMillis(atMs, { zone: timeZone }).toISODate() ?? '';
