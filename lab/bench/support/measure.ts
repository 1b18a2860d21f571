/** Runs many tasks with limited concurrency, and summarises their times. */

/** Runs `work` for each item, `atATime` at once. The first failure, or the signal, ends it. */
export async function forEachAtATime<Item>(
  items: readonly Item[],
  atATime: number,
  signal: AbortSignal,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  // The lanes share one iterator; after a failure none continues.
  const rest = items[Symbol.iterator]();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (let next = rest.next(); !next.done && !failed; next = rest.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  signal.throwIfAborted();
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      failed = true;
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race([Promise.all(Array.from({ length: Math.min(atATime, items.length) }, lane)), aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** The value that `share` (0 to 1) of the samples do not exceed, by nearest rank; NaN of none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

export interface Spread {
  readonly median: number;
  readonly p99: number;
}

export const spreadOf = (samples: readonly number[]): Spread => ({
  median: median(samples),
  p99: quantile(samples, 0.99),
});

/** How long `work` takes, in milliseconds. */
export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
}
