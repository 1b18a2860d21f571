/** Changes every value of a policy, for tests of runs that started before the change. */

/** Not rules: names, lists of choices, and what emails are made of, which no run has. */
const KEPT = ['portal', 'languages', 'applications', 'id', 'texts', 'emailFolders', 'colors'];

type Mutable = Record<string, unknown>;

/**
 * Changes every value of `policy` in place, at any depth, except those named in `except`. A `null` that means
 * "none" stays. Returns a function that restores everything.
 */
export function changeEveryValue(policy: object, except: readonly string[] = []): () => void {
  const restores: (() => void)[] = [];
  const change = (values: Mutable): void => {
    for (const [key, value] of Object.entries(values)) {
      if (KEPT.includes(key) || except.includes(key) || value === null) continue;
      if (typeof value === 'object' && !isNumbers(value)) {
        change(value as Mutable);
        continue;
      }
      restores.push(() => void (values[key] = value));
      values[key] = another(key, value);
    }
  };
  change(policy as Mutable);
  // Last first: two portals may share a rule, which is then changed twice.
  return () => restores.toReversed().forEach((restore) => restore());
}

/** The paths of all values in it, with the values. */
export function valuesOf(policy: object, path = ''): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, value] of Object.entries(policy)) {
    if (KEPT.includes(key) || value === null) continue;
    const at = `${path}/${key}`;
    if (typeof value === 'object' && !isNumbers(value as object))
      for (const [deeper, one] of valuesOf(value as object, at)) found.set(deeper, one);
    else found.set(at, value);
  }
  return found;
}

function another(key: string, value: unknown): unknown {
  if (key === 'timeZone') return 'Pacific/Honolulu';
  // A window of hours that does not overlap the previous one.
  if (key === 'fromHour') return 21;
  if (key === 'toHour') return 23;
  if (key === 'fromWeekday' || key === 'toWeekday') return Number(value) + 1;
  if (typeof value === 'number') return value * 2 + 1;
  if (Array.isArray(value)) return value.map((one: number) => one * 2 + 1);
  return `${String(value)}x`;
}

const isNumbers = (value: object): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'number');
