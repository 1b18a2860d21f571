/**
 * Guessing across many people (spec.md 3; ADR 31). Wrong guesses count for the caller's address, its networks and
 * everybody together; the address is slowed first, then its networks, and everybody last. Tries at one person's
 * secret are counted separately.
 */
import { tooManyRequests } from './middleware/rate-limits';
import type { GuessKind, LimitName, RequestLimiter } from '../../ports/request';

export interface Guess {
  readonly kind: GuessKind;
  /** The rate-limit keys of the caller's address and its networks, narrowest first. */
  readonly networkKeys: readonly string[];
}

const NARROW_LEVELS = ['address', 'network', 'site'] as const;
const EVERYBODY = 'everybody';

/**
 * Returns the result of `compare`, and counts it if it `isWrong`. Throws `AppError('too_many_requests')`, and compares nothing,
 * while too many were wrong. A guess is counted before it is compared, so that concurrent calls cannot outrun the counters; right
 * and failed guesses are given back.
 */
export async function countingGuesses<T>(
  limiter: RequestLimiter,
  guess: Guess,
  compare: () => Promise<T>,
  isWrong: (result: T) => boolean,
): Promise<T> {
  const taken: [LimitName, string][] = [];
  const giveBack = (): Promise<unknown> =>
    Promise.all(taken.map(([budget, key]) => limiter.giveBack(budget, key)));

  // Sequentially: a guess refused for its address does not count for its neighbours.
  for (const [budget, key] of budgetsOf(guess)) {
    taken.push([budget, key]);
    const waitMs = await limiter.take(budget, key);
    if (waitMs === null) continue;
    await giveBack();
    throw tooManyRequests(waitMs);
  }

  let counts = false;
  try {
    const result = await compare();
    counts = isWrong(result);
    return result;
  } finally {
    if (!counts) await giveBack();
  }
}

function budgetsOf({ kind, networkKeys }: Guess): [LimitName, string][] {
  const narrow = NARROW_LEVELS.flatMap((level, index): [LimitName, string][] => {
    const key = networkKeys[index];
    return key === undefined ? [] : [[`wrong-${kind}-${level}`, key]];
  });
  return [...narrow, [`wrong-${kind}-global`, EVERYBODY]];
}
