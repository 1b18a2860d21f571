import fc from 'fast-check';
import { DAY_MS } from '../../../src/domain/time';
import { budgetAt, mayBegin, type ResetUsage } from '../../../src/domain/password-reset/reset-budget';
import { portalPolicies } from '../../support/brand';

const limits = portalPolicies.member.resetLimits;
const NOW_MS = Date.UTC(2026, 10, 22);
const MONTH_MS = 30 * DAY_MS;
const agesAgo = (agesMs: readonly number[]) => agesMs.map((ageMs) => NOW_MS - ageMs);

function usageOf({ pins = [], guesses = [], failures }: Usage): ResetUsage {
  const wrongGuessesAtMs = agesAgo(guesses);
  return {
    pinsAtMs: agesAgo(pins),
    wrongGuessesAtMs,
    consecutiveFailures: failures ?? wrongGuessesAtMs.length,
  };
}

/** Ages in milliseconds. */
interface Usage {
  readonly pins?: readonly number[];
  readonly guesses?: readonly number[];
  readonly failures?: number;
}

const spread = (count: number, fromMs: number, stepMs: number) =>
  Array.from({ length: count }, (_, i) => fromMs + i * stepMs);

it.each<[string, Usage, { pinsLeft: number; guessesLeft: number; freeAgainAtMs: number | null }]>([
  ['nothing used', {}, { pinsLeft: 3, guessesLeft: 9, freeAgainAtMs: NOW_MS }],
  ['two PINs', { pins: [1, 2] }, { pinsLeft: 1, guessesLeft: 9, freeAgainAtMs: NOW_MS }],
  [
    'three PINs',
    { pins: [10, 30, 20] },
    { pinsLeft: 0, guessesLeft: 9, freeAgainAtMs: NOW_MS - 30 + DAY_MS },
  ],
  [
    'three PINs, the first a millisecond short of a day ago',
    { pins: [DAY_MS - 1, 2, 1] },
    { pinsLeft: 0, guessesLeft: 9, freeAgainAtMs: NOW_MS + 1 },
  ],
  [
    'three PINs, the first a day ago',
    { pins: [DAY_MS, 2, 1] },
    { pinsLeft: 1, guessesLeft: 9, freeAgainAtMs: NOW_MS },
  ],
  [
    'more PINs than there should be',
    { pins: [1, 2, 3, 4, 5] },
    { pinsLeft: 0, guessesLeft: 9, freeAgainAtMs: NOW_MS - 3 + DAY_MS },
  ],
  ['eight guesses', { guesses: spread(8, 1, 1) }, { pinsLeft: 3, guessesLeft: 1, freeAgainAtMs: NOW_MS }],
  [
    'nine guesses',
    { guesses: spread(9, 1, 1) },
    { pinsLeft: 3, guessesLeft: 0, freeAgainAtMs: NOW_MS - 9 + DAY_MS },
  ],
  [
    'nine guesses a day ago',
    { guesses: spread(9, DAY_MS, 1) },
    { pinsLeft: 3, guessesLeft: 9, freeAgainAtMs: NOW_MS },
  ],
  [
    '26 guesses in 30 days',
    { guesses: spread(26, 2 * DAY_MS, DAY_MS) },
    { pinsLeft: 3, guessesLeft: 1, freeAgainAtMs: NOW_MS },
  ],
  [
    '27 guesses in 30 days',
    { guesses: spread(27, 2 * DAY_MS, DAY_MS) },
    { pinsLeft: 3, guessesLeft: 0, freeAgainAtMs: NOW_MS - 28 * DAY_MS + MONTH_MS },
  ],
  [
    '27 guesses, one 30 days ago',
    { guesses: [...spread(26, 2 * DAY_MS, DAY_MS), MONTH_MS] },
    { pinsLeft: 3, guessesLeft: 1, freeAgainAtMs: NOW_MS },
  ],
  [
    'PINs and guesses used up: the later of both',
    { pins: [3, 2, 1], guesses: spread(9, 5, 1) },
    { pinsLeft: 0, guessesLeft: 0, freeAgainAtMs: NOW_MS - 3 + DAY_MS },
  ],
  ['99 failures in a row', { failures: 99 }, { pinsLeft: 3, guessesLeft: 1, freeAgainAtMs: NOW_MS }],
  ['100 failures in a row', { failures: 100 }, { pinsLeft: 0, guessesLeft: 0, freeAgainAtMs: null }],
  ['101 failures in a row', { failures: 101 }, { pinsLeft: 0, guessesLeft: 0, freeAgainAtMs: null }],
])('The reset budget accounts for %s', (_what, used, expected) => {
  expect(budgetAt(usageOf(used), limits, NOW_MS)).toEqual(expected);
});

it.each([
  [1, 1, true],
  [0, 9, false],
  [3, 0, false],
])('A reset may begin with %d PINs and %d guesses left: %s', (pinsLeft, guessesLeft, may) => {
  expect(mayBegin({ pinsLeft, guessesLeft, freeAgainAtMs: NOW_MS })).toBe(may);
});

const anyUsage = fc
  .record({
    pins: fc.array(fc.nat({ max: 2 * DAY_MS }), { maxLength: 12 }),
    guesses: fc.array(fc.nat({ max: 40 * DAY_MS }), { maxLength: 40 }),
  })
  .map(usageOf);

it('The reset budget does not depend on the order of uses', () => {
  fc.assert(
    fc.property(anyUsage, (usage) => {
      const reversed = {
        ...usage,
        pinsAtMs: usage.pinsAtMs.toReversed(),
        wrongGuessesAtMs: usage.wrongGuessesAtMs.toReversed(),
      };

      expect(budgetAt(reversed, limits, NOW_MS)).toEqual(budgetAt(usage, limits, NOW_MS));
    }),
  );
});

it('The reset budget stays within its limits and shrinks with each use', () => {
  fc.assert(
    fc.property(anyUsage, (usage) => {
      const before = budgetAt(usage, limits, NOW_MS);
      const after = budgetAt(
        {
          pinsAtMs: [...usage.pinsAtMs, NOW_MS],
          wrongGuessesAtMs: [...usage.wrongGuessesAtMs, NOW_MS],
          consecutiveFailures: usage.consecutiveFailures + 1,
        },
        limits,
        NOW_MS,
      );

      expect(before.pinsLeft).toBeGreaterThanOrEqual(0);
      expect(before.pinsLeft).toBeLessThanOrEqual(limits.pinsPerDay);
      expect(before.guessesLeft).toBeGreaterThanOrEqual(0);
      expect(before.guessesLeft).toBeLessThanOrEqual(limits.guessesPerDay);
      expect(after.pinsLeft).toBe(Math.max(0, before.pinsLeft - 1));
      expect(after.guessesLeft).toBe(Math.max(0, before.guessesLeft - 1));
    }),
  );
});

it('The budget’s freeAgainAtMs is the first moment at which a reset may begin again', () => {
  fc.assert(
    fc.property(anyUsage, (usage) => {
      const { freeAgainAtMs } = budgetAt(usage, limits, NOW_MS);

      expect(mayBegin(budgetAt(usage, limits, freeAgainAtMs!))).toBe(true);
      if (freeAgainAtMs! > NOW_MS) expect(mayBegin(budgetAt(usage, limits, freeAgainAtMs! - 1))).toBe(false);
    }),
  );
});
