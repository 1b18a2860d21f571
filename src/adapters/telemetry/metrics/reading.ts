/** Something that is read when it is asked for, and not too often. Undefined: it failed, or was not there in time. */
export type Reading<T> = () => Promise<T | undefined>;

/**
 * Tells the last answer of `read` again for `keepMs`, a failure too, so that nobody who scrapes can press the database; one
 * reading at a time, and nobody waits for longer than `withinMs`.
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
