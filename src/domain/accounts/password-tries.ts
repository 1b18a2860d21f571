/**
 * Wrong passwords in a row of one account, over all addresses (spec.md 3; ADR 31).
 * - The first ten cost nothing; from then on each is followed by a wait, from 30 seconds doubling to an hour.
 * - After 100 the password is not accepted any more: only a new one ends that. Strangers get no further than 90.
 * - From a known address, which somebody signed in from with this password lately, nobody waits.
 * - A right password and a new one end the row. Counted for usernames that nobody has, too.
 */
import { DAY_MS, MINUTE_MS, type PasswordTryLimits } from '../portal';

/** What somebody may use of a row: so many wrong passwords, and the wait in milliseconds after each number of them. */
export interface TryAllowance {
  readonly most: number;
  /** By the number of wrong passwords, from 0 to `most`. */
  readonly waitsMs: readonly number[];
}

export interface TryRow {
  readonly wrong: number;
  readonly lastAtMs: number;
}

/** `locked`: only a new password helps. */
export type TryAnswer =
  | { readonly kind: 'may-try' }
  | { readonly kind: 'wait'; readonly waitMs: number }
  | { readonly kind: 'locked' };

export function tryAllowance(limits: PasswordTryLimits, isKnownAddress: boolean): TryAllowance {
  const most = limits.inARow - (isKnownAddress ? 0 : limits.keptForKnownAddresses);
  const waitMs = (wrong: number): number => (isKnownAddress ? 0 : waitAfterMs(limits, wrong));
  return { most, waitsMs: Array.from({ length: most + 1 }, (_, wrong) => waitMs(wrong)) };
}

/** Whether one more may be tried after this row, at `nowMs`. */
export function mayTry(
  { wrong, lastAtMs }: TryRow,
  { most, waitsMs }: TryAllowance,
  nowMs: number,
): TryAnswer {
  if (wrong >= most) return { kind: 'locked' };
  const waitMs = lastAtMs + (waitsMs[wrong] ?? 0) - nowMs;
  return waitMs > 0 ? { kind: 'wait', waitMs } : { kind: 'may-try' };
}

/** A row whose last wrong password is older is over: there was a new password since, or nobody has tried for a year. */
export function rowCountsFromMs(
  limits: PasswordTryLimits,
  passwordSetAtMs: number | null,
  nowMs: number,
): number {
  return Math.max(passwordSetAtMs ?? -Infinity, nowMs - limits.forgottenAfterDays * DAY_MS);
}

function waitAfterMs(limits: PasswordTryLimits, wrong: number): number {
  const { withoutWait, firstWaitSeconds, longestWaitMinutes } = limits;
  if (wrong < withoutWait) return 0;
  return Math.min(firstWaitSeconds * 1000 * 2 ** (wrong - withoutWait), longestWaitMinutes * MINUTE_MS);
}
