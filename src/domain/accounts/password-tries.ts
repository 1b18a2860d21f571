/**
 * Wrong passwords in a row for one account, across all addresses (spec.md 3; ADR 31).
 * - The first ten are free; then each is followed by a wait, doubling from 30 seconds to an hour.
 * - After 100 the password is no longer accepted until a new one is set. Strangers are stopped at 90.
 * - A known address, which recently signed in with this password, does not wait.
 * - A correct or a new password resets the count. Unknown usernames are counted too.
 */
import type { PasswordTryLimits } from '../portal';
import { DAY_MS, MINUTE_MS } from '../time';

/** The limits for one kind of address: the number of wrong passwords, and the wait in milliseconds after each number of them. */
export interface TryAllowance {
  readonly most: number;
  /** By the number of wrong passwords, from 0 to `most`. */
  readonly waitsMs: readonly number[];
}

export interface TryRow {
  readonly wrong: number;
  readonly lastAtMs: number;
}

/** `locked`: requires a new password. */
export type TryAnswer =
  | { readonly kind: 'may-try' }
  | { readonly kind: 'wait'; readonly waitMs: number }
  | { readonly kind: 'locked' };

export function tryAllowance(limits: PasswordTryLimits, isKnownAddress: boolean): TryAllowance {
  const most = limits.inARow - (isKnownAddress ? 0 : limits.keptForKnownAddresses);
  const waitMs = (wrong: number): number => (isKnownAddress ? 0 : waitAfterMs(limits, wrong));
  return { most, waitsMs: Array.from({ length: most + 1 }, (_, wrong) => waitMs(wrong)) };
}

/** Whether another password may be tried at `nowMs`. */
export function mayTry(
  { wrong, lastAtMs }: TryRow,
  { most, waitsMs }: TryAllowance,
  nowMs: number,
): TryAnswer {
  if (wrong >= most) return { kind: 'locked' };
  const pauseMs = waitsMs[wrong] ?? 0;
  // Without a pause the last try may even be later than now: another one at the same time, or by another machine's clock.
  const waitMs = pauseMs === 0 ? 0 : lastAtMs + pauseMs - nowMs;
  return waitMs > 0 ? { kind: 'wait', waitMs } : { kind: 'may-try' };
}

/** A count whose last wrong password is older has expired: a new password was set since, or nobody has tried for a year. */
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
