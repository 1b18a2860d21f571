/** How long an email waits after a failed attempt before the next one (docs/architecture.md, "Mail"). */

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

/**
 * Milliseconds to wait after the failed try number `attempt` (1 for the first): 1 s, 2 s, 4 s ... never more than 30 s,
 * minus a jitter of up to half by `random` in [0, 1), so that mail delayed by an outage is not retried all at once.
 */
export function mailRetryDelayMs(attempt: number, random: number): number {
  const wholeMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
  return Math.floor(wholeMs * (1 - random / 2));
}
