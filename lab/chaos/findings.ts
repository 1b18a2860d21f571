/** A check's findings, by severity. */
export interface Findings {
  /** Somebody was told something untrue, or a required email is missing. */
  readonly losses: string[];
  readonly duplicates: string[];
  /** Everything else that must never happen. */
  readonly violations: string[];
  /** Emails that went out more than once, under one Message-ID. */
  readonly copies: {
    readonly messageId: string;
    readonly at: readonly string[];
    readonly answered: readonly boolean[];
  }[];
  /** Interesting figures that violate nothing. */
  readonly counts: Record<string, number>;
}

export const noFindings = (): Findings => ({
  losses: [],
  duplicates: [],
  violations: [],
  copies: [],
  counts: {},
});

export const count = ({ counts }: Findings, name: string, howMany = 1): void =>
  void (counts[name] = (counts[name] ?? 0) + howMany);

export function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
