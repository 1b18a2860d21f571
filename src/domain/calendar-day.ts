/** Calendar days in a time zone. Apart from `time.ts`, because runs import that one and must not load luxon. */
import { DateTime } from 'luxon';

/** The calendar day `YYYY-MM-DD` of a moment in a time zone (IANA name). */
export const calendarDay = (timeZone: string, atMs: number): string =>
  DateTime.fromMillis(atMs, { zone: timeZone }).toISODate() ?? '';
