/** A policy whose every value is another one: for tests of what was begun before it changed. */

/** What is not a value that somebody sets: names of things, and what there is to choose from. */
const KEPT = ['portal', 'languages', 'applications', 'id'];

type Mutable = Record<string, unknown>;

/**
 * Changes every value of `policy` in its place, in whatever depth, but for those named in `except`. Where `null` stands for
 * "none" it stays. Gives what puts it all back.
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
  // The last one first: two portals may share a rule, which is changed twice then.
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
  // A window of hours that has none in common with the one of before.
  if (key === 'fromHour') return 21;
  if (key === 'toHour') return 23;
  if (key === 'fromWeekday' || key === 'toWeekday') return Number(value) + 1;
  if (typeof value === 'number') return value * 2 + 1;
  if (Array.isArray(value)) return value.map((one: number) => one * 2 + 1);
  return `${String(value)}x`;
}

const isNumbers = (value: object): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'number');
