/** Whether two samples of times can be told apart. */

/**
 * How often a value of `a` is the greater one of a pair with one of `b`, a tie counting half: U / (n1 * n2) of a Mann-Whitney test,
 * the area under the curve of somebody who tells them apart by time. Told as at least 0.5, which is chance; 1 is certainty.
 */
export function areaUnderCurve(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, ofA: true })), ...b.map((value) => ({ value, ofA: false }))];
  all.sort((one, other) => one.value - other.value);
  let rankSum = 0;
  for (let first = 0; first < all.length;) {
    let next = first;
    while (next < all.length && all[next]!.value === all[first]!.value) next++;
    // Equal values share the mean of their ranks.
    const rank = (first + 1 + next) / 2;
    rankSum += rank * all.slice(first, next).filter(({ ofA }) => ofA).length;
    first = next;
  }
  const auc = (rankSum - (a.length * (a.length + 1)) / 2) / (a.length * b.length);
  return Math.max(auc, 1 - auc);
}

const NINETY_FIVE_PERCENT = 1.96;

/** What 95 of 100 pairs of samples stay under that differ by chance alone. */
export function chanceBand(a: number, b: number): number {
  return 0.5 + NINETY_FIVE_PERCENT * Math.sqrt((a + b + 1) / (12 * a * b));
}
