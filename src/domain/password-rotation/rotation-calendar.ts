/**
 * When the reminders of a password's end are due (spec.md 6), in the calendar of the portal's time zone.
 * - 14, 7 and 1 calendar days before the day of its end, at the time of day of that end; outside the hours in which people
 *   are written to, when those hours begin that day.
 * - A reminder that was held up may still go out until the day of the next one begins, so no day brings two.
 * Days are calendar days: a change of the clocks moves no reminder to another hour. The end itself is 24 hours times the lifetime.
 */
import { DateTime } from 'luxon';
import { DAY_MS, type PortalPolicy } from '../portal';

type CalendarPolicy = Pick<PortalPolicy, 'timeZone' | 'password' | 'reminders'>;

/** When people are written to. */
export interface WritingHours {
  /** IANA name. */
  readonly timeZone: string;
  /** 0-23; `toHour` itself is too late. */
  readonly fromHour: number;
  readonly toHour: number;
}

/** What a password's last days were begun with; only the end itself follows a later change of the policy (`movedCalendar`). */
export interface RotationTerms extends WritingHours {
  readonly lifetimeDays: number;
}

export interface ReminderSlot {
  readonly daysBefore: number;
  /** Epoch milliseconds: due from `atMs`, no longer to be sent from `untilMs`. */
  readonly atMs: number;
  readonly untilMs: number;
}

export interface RotationCalendar {
  readonly expiresAtMs: number;
  /** The earliest first. */
  readonly reminders: readonly ReminderSlot[];
  /** Absent for runs that were begun by an earlier build. */
  readonly terms?: RotationTerms | undefined;
}

/** The calendar of a password set at `setAtMs`; null where passwords do not expire. */
export function rotationCalendar(policy: CalendarPolicy, setAtMs: number): RotationCalendar | null {
  const { lifetimeDays } = policy.password;
  if (lifetimeDays === null) return null;
  const expiresAtMs = setAtMs + lifetimeDays * DAY_MS;
  const end = inZone(policy, expiresAtMs);
  const days = policy.reminders.daysBefore
    .filter((daysBefore) => daysBefore < lifetimeDays)
    .toSorted((one, other) => other - one);
  const reminders = days.map((daysBefore, index) => {
    const nextDay = days[index + 1];
    return {
      daysBefore,
      atMs: inHours(writingHours(policy), end.minus({ days: daysBefore })).toMillis(),
      untilMs: nextDay === undefined ? expiresAtMs : end.minus({ days: nextDay }).startOf('day').toMillis(),
    };
  });
  return { expiresAtMs, reminders, terms: { ...writingHours(policy), lifetimeDays } };
}

/**
 * The calendar that the policy gives a password by now, where that moved its end; null: it ends no more. Undefined where the end is
 * still the one of `calendar`. Signing in always asks the policy of now, so no reminder may name another end.
 */
export function movedCalendar(
  policy: CalendarPolicy,
  { expiresAtMs, terms }: Pick<RotationCalendar, 'expiresAtMs' | 'terms'>,
): RotationCalendar | null | undefined {
  if (terms === undefined || terms.lifetimeDays === policy.password.lifetimeDays) return undefined;
  return rotationCalendar(policy, expiresAtMs - terms.lifetimeDays * DAY_MS);
}

export function writingHours({ timeZone, reminders: { fromHour, toHour } }: CalendarPolicy): WritingHours {
  return { timeZone, fromHour, toHour };
}

/** Between which moments a password was set that ends after `nowMs` and whose first reminder is due within a day and a half. Null: none ever. */
export function rotationWindow(
  { password, reminders }: CalendarPolicy,
  nowMs: number,
): { readonly setAfterMs: number; readonly setUntilMs: number } | null {
  if (password.lifetimeDays === null) return null;
  const setAfterMs = nowMs - password.lifetimeDays * DAY_MS;
  // A reminder is due at most a day earlier than its days before the end, since it may move to the morning.
  return { setAfterMs, setUntilMs: setAfterMs + (Math.max(...reminders.daysBefore) + 1) * DAY_MS };
}

/** Milliseconds until people may be written to: 0 within the hours. */
export function untilReminderHoursMs(hours: WritingHours, nowMs: number): number {
  const now = inZone(hours, nowMs);
  const { fromHour, toHour } = hours;
  if (now.hour >= fromHour && now.hour < toHour) return 0;
  const morning = now.hour < fromHour ? now : now.plus({ days: 1 });
  return opening(hours, morning).toMillis() - nowMs;
}

/** Midnights between now and the end, as the calendar of the time zone counts them: 0 is today, 1 tomorrow. */
export function calendarDaysLeft(timeZone: string, expiresAtMs: number, nowMs: number): number {
  const [today, lastDay] = [nowMs, expiresAtMs].map((ms) => inZone({ timeZone }, ms).startOf('day'));
  return Math.round(lastDay!.diff(today!, 'days').days);
}

function inHours(hours: WritingHours, moment: DateTime): DateTime {
  const { fromHour, toHour } = hours;
  return moment.hour >= fromHour && moment.hour < toHour ? moment : opening(hours, moment);
}

const opening = ({ fromHour }: WritingHours, day: DateTime): DateTime =>
  day.set({ hour: fromHour, minute: 0, second: 0, millisecond: 0 });

const inZone = ({ timeZone }: Pick<WritingHours, 'timeZone'>, ms: number): DateTime =>
  DateTime.fromMillis(ms, { zone: timeZone });
