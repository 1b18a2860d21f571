/**
 * When a password's reminders are due (spec.md 6), in the calendar of the portal's time zone.
 * - 14, 7 and 1 calendar days before it expires, at the same time of day; outside the hours for
 *   emails, when those hours start that day.
 * - A delayed reminder may still go out until the day of the next one begins, so no day has two.
 * Days are calendar days: a clock change does not shift reminders. The expiry itself is 24 hours times the lifetime.
 */
import { DateTime } from 'luxon';
import type { PortalPolicy } from '../portal';
import { DAY_MS } from '../time';

type CalendarPolicy = Pick<PortalPolicy, 'timeZone' | 'password' | 'reminders'>;

/** The hours for emails to people. */
export interface WritingHours {
  /** IANA name. */
  readonly timeZone: string;
  /** 0-23; `toHour` is exclusive. */
  readonly fromHour: number;
  readonly toHour: number;
}

/** The terms at the start of a rotation; only the expiry follows a later change of the policy (`movedCalendar`). */
export interface RotationTerms extends WritingHours {
  readonly lifetimeDays: number;
}

export interface ReminderSlot {
  readonly daysBefore: number;
  /** Epoch milliseconds: due from `atMs`, not sent from `untilMs` on. */
  readonly atMs: number;
  readonly untilMs: number;
}

export interface RotationCalendar {
  readonly expiresAtMs: number;
  /** The earliest first. */
  readonly reminders: readonly ReminderSlot[];
  /** Absent for runs started by an earlier build. */
  readonly terms?: RotationTerms | undefined;
}

/** The calendar of a password set at `setAtMs`; null if passwords do not expire. */
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
 * The calendar under the current policy if that has moved the expiry; null: it no longer expires. Undefined if the expiry is
 * still that of `calendar`. Sign-in always uses the current policy, so reminders must name the same expiry.
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

/** When a password must have been set to expire after `nowMs` with its first reminder due within a day and a half. Null: never. */
export function rotationWindow(
  { password, reminders }: CalendarPolicy,
  nowMs: number,
): { readonly setAfterMs: number; readonly setUntilMs: number } | null {
  if (password.lifetimeDays === null) return null;
  const setAfterMs = nowMs - password.lifetimeDays * DAY_MS;
  // A reminder is due at most a day earlier than its number of days before expiry, because it may move to the morning.
  return { setAfterMs, setUntilMs: setAfterMs + (Math.max(...reminders.daysBefore) + 1) * DAY_MS };
}

/** Milliseconds until emails may go out; 0 within the hours. */
export function untilReminderHoursMs(hours: WritingHours, nowMs: number): number {
  const now = inZone(hours, nowMs);
  const { fromHour, toHour } = hours;
  if (now.hour >= fromHour && now.hour < toHour) return 0;
  const morning = now.hour < fromHour ? now : now.plus({ days: 1 });
  return opening(hours, morning).toMillis() - nowMs;
}

/** Calendar days between now and expiry in the time zone: 0 is today, 1 tomorrow. */
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
