import * as fc from 'fast-check';
import { mailRetryDelayMs } from '../../src/domain/mail-retry';

const almostOne = 1 - Number.EPSILON;

describe('mailRetryDelayMs', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [4, 8_000],
    [5, 16_000],
    [6, 30_000],
    [7, 30_000],
    [5_000, 30_000],
  ])('The wait after try %i of an email is at most %i ms', (attempt, wholeMs) => {
    expect(mailRetryDelayMs(attempt, 0)).toBe(wholeMs);
  });

  it.each([
    [1, 500],
    [2, 1_000],
    [6, 15_000],
  ])('The wait after try %i of an email is at least %i ms', (attempt, halfMs) => {
    expect(mailRetryDelayMs(attempt, almostOne)).toBe(halfMs);
  });

  it('The wait before an email retry is a whole number of ms between half of its maximum and the maximum', () => {
    const attempts = fc.integer({ min: 1, max: 10_000 });
    const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

    fc.assert(
      fc.property(attempts, randoms, (attempt, random) => {
        const wholeMs = mailRetryDelayMs(attempt, 0);

        const delayMs = mailRetryDelayMs(attempt, random);

        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(wholeMs / 2);
        expect(delayMs).toBeLessThanOrEqual(wholeMs);
      }),
    );
  });

  it('The wait before an email retry never shrinks from one try to the next for the same random number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          expect(mailRetryDelayMs(attempt + 1, random)).toBeGreaterThanOrEqual(
            mailRetryDelayMs(attempt, random),
          );
        },
      ),
    );
  });
});
