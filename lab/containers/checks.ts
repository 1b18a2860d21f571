/** What a run expected and saw, in words, and how long its steps took. */

export interface Step {
  readonly title: string;
  readonly seconds: number;
}

/** Something is not as expected; the run cannot end well. */
export class CheckError extends Error {
  override readonly name = 'CheckError';
}

export type Checks = ReturnType<typeof createChecks>;

/** Steps and checks of one run, told with `say` as they happen. */
export function createChecks(say: (line: string) => void) {
  const steps: Step[] = [];
  let passed = 0;

  return {
    steps,
    passed: () => passed,

    /** Runs a step and notes the time it takes. */
    async step<Result>(title: string, work: () => Promise<Result>): Promise<Result> {
      say(`${title} ...`);
      const startedAt = performance.now();
      const result = await work();
      const seconds = (performance.now() - startedAt) / 1000;
      steps.push({ title, seconds });
      say(`${title}: done after ${seconds.toFixed(0)} s`);
      return result;
    },

    /** Says what was expected and seen. Throws `CheckError` unless both are the same, as JSON. */
    expect(expectation: string, seen: unknown, wanted: unknown): void {
      const saw = JSON.stringify(seen);
      if (saw !== JSON.stringify(wanted))
        throw new CheckError(`Expected: ${expectation}\n  wanted ${JSON.stringify(wanted)}\n  saw    ${saw}`);
      passed += 1;
      say(`  as expected: ${expectation} (saw ${saw})`);
    },
  };
}
