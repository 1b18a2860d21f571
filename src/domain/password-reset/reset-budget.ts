/**
 * How much a person may still try (spec.md 4).
 * - 3 PINs and 9 wrong guesses in any 24 hours, 27 wrong guesses in any 30 days.
 * - 100 wrong guesses in a row within a year, with no success between: only the helpdesk can help.
 * - The helpdesk's help is an allowance: what was used before it counts no more.
 * - Counted for unknown people too, by keyed digest; never a reason to refuse signing in.
 */
import { DAY_MS, type ResetLimits } from '../portal';

/** What was used in the last 30 days and since the last allowance, as the database tells it. Times are epoch milliseconds, in no particular order. */
export interface ResetUsage {
  readonly pinsAtMs: readonly number[];
  readonly wrongGuessesAtMs: readonly number[];
  /** Wrong guesses of the last year, since the last success or allowance. */
  readonly consecutiveFailures: number;
}

export interface ResetBudget {
  readonly pinsLeft: number;
  readonly guessesLeft: number;
  /** When there will be something left again, where now there is nothing; null: never without the helpdesk. */
  readonly freeAgainAtMs: number | null;
}

const MONTH_MS = 30 * DAY_MS;

/** A failure that is older no longer counts in the row: else a stranger with patience could lock somebody's recovery for good. */
export const FAILURES_COUNT_FOR_MS = 365 * DAY_MS;

/** What is left at `nowMs`. A window is open at its far end: a use exactly 24 hours ago no longer counts. */
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

/** Whether no wrong guess may be made any more: of the day, the month, or the row. */
export function guessesAreUsedUp(usage: ResetUsage, limits: ResetLimits, nowMs: number): boolean {
  return budgetAt(usage, limits, nowMs).guessesLeft === 0;
}

/** Whether a new reset may begin: there must be a PIN to send and a guess to make. */
export function mayBegin(budget: ResetBudget): boolean {
  return budget.pinsLeft > 0 && budget.guessesLeft > 0;
}

/** The uses that count in the window, and when the first place in it becomes free. */
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

/** The uses of one person under several subject keys (one for each pepper), taken together. */
export function mergeUsage(usages: readonly ResetUsage[]): ResetUsage {
  return {
    pinsAtMs: usages.flatMap(({ pinsAtMs }) => pinsAtMs),
    wrongGuessesAtMs: usages.flatMap(({ wrongGuessesAtMs }) => wrongGuessesAtMs),
    consecutiveFailures: usages.reduce((sum, { consecutiveFailures }) => sum + consecutiveFailures, 0),
  };
}
