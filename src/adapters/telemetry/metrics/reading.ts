/** A value that is read on demand, but not too often. Undefined: the read failed or timed out. */
export type Reading<T> = () => Promise<T | undefined>;

/**
 * Caches the result of `read`, including failures, for `keepMs`, so that scrapes cannot overload the database; one
 * read at a time, with a timeout of `withinMs`.
 */
export function createReading<T>(
  read: () => Promise<T>,
  { keepMs, withinMs }: { readonly keepMs: number; readonly withinMs: number },
): Reading<T> {
  let last: Promise<T | undefined> | undefined;
  let again = -Infinity;

  return async () => {
    if (last === undefined || performance.now() >= again) {
      again = Infinity;
      last = read()
        .catch(() => undefined)
        .finally(() => (again = performance.now() + keepMs));
    }
    return inTime(last, withinMs);
  };
}

async function inTime<T>(answer: Promise<T>, withinMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, withinMs, undefined);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
