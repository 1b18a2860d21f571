/** Whether two samples of times are distinguishable. */

/**
 * How often a value of `a` exceeds one of `b`, counting ties as half: U / (n1 * n2) of a Mann-Whitney test,
 * the area under the curve of a classifier by time. At least 0.5, which is chance; 1 is certainty.
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

/** The 95th percentile for pairs of samples that differ only by chance. */
export function chanceBand(a: number, b: number): number {
  return 0.5 + NINETY_FIVE_PERCENT * Math.sqrt((a + b + 1) / (12 * a * b));
}
