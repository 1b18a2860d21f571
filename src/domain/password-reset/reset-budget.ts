/**
 * A person's remaining tries (spec.md 4).
 * - 3 PINs and 9 wrong guesses in any 24 hours, 27 wrong guesses in any 30 days.
 * - After 100 wrong guesses in a row within a year, without a success in between, only the helpdesk can help.
 * - The helpdesk grants an allowance: anything used before it no longer counts.
 * - Counted for unknown people too, by keyed digest; never prevents sign-in.
 */
import type { ResetLimits } from '../portal';
import { DAY_MS } from '../time';

/** The database's record of uses in the last 30 days and since the last allowance. Times are epoch milliseconds, in no particular order. */
export interface ResetUsage {
  readonly pinsAtMs: readonly number[];
  readonly wrongGuessesAtMs: readonly number[];
  /** Wrong guesses of the last year, since the last success or allowance. */
  readonly consecutiveFailures: number;
}

export interface ResetBudget {
  readonly pinsLeft: number;
  readonly guessesLeft: number;
  /** When the next try becomes possible if none is left now; null: never without the helpdesk. */
  readonly freeAgainAtMs: number | null;
}

const MONTH_MS = 30 * DAY_MS;

/** Older failures no longer count in the row: otherwise a patient stranger could lock somebody's recovery permanently. */
export const FAILURES_COUNT_FOR_MS = 365 * DAY_MS;

/** What is left at `nowMs`. A use exactly 24 hours ago no longer counts. */
export function budgetAt(usage: ResetUsage, limits: ResetLimits, nowMs: number): ResetBudget {
  if (usage.consecutiveFailures >= limits.consecutiveFailures) {
    return { pinsLeft: 0, guessesLeft: 0, freeAgainAtMs: null };
  }
  const pins = window(usage.pinsAtMs, limits.pinsPerDay, DAY_MS, nowMs);
  const guessesOfDay = window(usage.wrongGuessesAtMs, limits.guessesPerDay, DAY_MS, nowMs);
  const guessesOfMonth = window(usage.wrongGuessesAtMs, limits.guessesPerMonth, MONTH_MS, nowMs);
  return {
    pinsLeft: pins.left,
    guessesLeft: Math.min(
      guessesOfDay.left,
      guessesOfMonth.left,
      limits.consecutiveFailures - usage.consecutiveFailures,
    ),
    freeAgainAtMs: Math.max(pins.freeAtMs, guessesOfDay.freeAtMs, guessesOfMonth.freeAtMs),
  };
}

/** Whether no wrong guess is left for the day, the month, or the row. */
export function guessesAreUsedUp(usage: ResetUsage, limits: ResetLimits, nowMs: number): boolean {
  return budgetAt(usage, limits, nowMs).guessesLeft === 0;
}

/** Whether a new reset may start: it needs a PIN and a guess. */
export function mayBegin(budget: ResetBudget): boolean {
  return budget.pinsLeft > 0 && budget.guessesLeft > 0;
}

/** The uses that count in the window, and when the next one expires. */
function window(
  usesAtMs: readonly number[],
  limit: number,
  lengthMs: number,
  nowMs: number,
): { left: number; freeAtMs: number } {
  const counting = usesAtMs.filter((atMs) => atMs > nowMs - lengthMs).toSorted((a, b) => b - a);
  const left = Math.max(0, limit - counting.length);
  return { left, freeAtMs: left > 0 ? nowMs : counting[limit - 1]! + lengthMs };
}

/** The combined uses of one person under several subject keys (one for each pepper). */
export function mergeUsage(usages: readonly ResetUsage[]): ResetUsage {
  return {
    pinsAtMs: usages.flatMap(({ pinsAtMs }) => pinsAtMs),
    wrongGuessesAtMs: usages.flatMap(({ wrongGuessesAtMs }) => wrongGuessesAtMs),
    consecutiveFailures: usages.reduce((sum, { consecutiveFailures }) => sum + consecutiveFailures, 0),
  };
}
