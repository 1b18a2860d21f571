/** The Dedicated Plan Change unit's working hours. Waiting times are counted in them. */
import { DateTime } from 'luxon';
import { MINUTE_MS } from '../time';

export interface UnitHours {
  /** IANA name. */
  readonly timeZone: string;
  /** ISO weekdays, 1 is Monday; first and last day of the working week. */
  readonly fromWeekday: number;
  readonly toWeekday: number;
  /** 0-24 local time in that zone; `toHour` is exclusive. */
  readonly fromHour: number;
  readonly toHour: number;
}

/** The time at which `minutes` of the unit's hours have passed since `sinceMs` (epoch milliseconds). */
export function afterUnitMinutes(hours: UnitHours, sinceMs: number, minutes: number): number {
  let leftMs = minutes * MINUTE_MS;
  let day = DateTime.fromMillis(sinceMs, { zone: hours.timeZone }).startOf('day');
  for (;;) {
    const { openMs, closeMs } = hoursOf(hours, day);
    const fromMs = Math.max(sinceMs, openMs);
    if (fromMs + leftMs <= closeMs) return fromMs + leftMs;
    leftMs -= Math.max(0, closeMs - fromMs);
    day = day.plus({ days: 1 });
  }
}

/** Opening and closing time of a day; equal if it is not a working day. */
function hoursOf(
  { fromWeekday, toWeekday, fromHour, toHour }: UnitHours,
  day: DateTime,
): { openMs: number; closeMs: number } {
  const openMs = day.set({ hour: fromHour }).toMillis();
  if (day.weekday < fromWeekday || day.weekday > toWeekday) return { openMs, closeMs: openMs };
  const closeMs = toHour === 24 ? day.plus({ days: 1 }).toMillis() : day.set({ hour: toHour }).toMillis();
  return { openMs, closeMs };
}
