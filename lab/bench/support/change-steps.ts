/** What whoever works on a change waits for, step by step, in milliseconds. */
export interface ChangeSteps {
  readonly intake: number;
  /** Until a representative has it. */
  readonly next: number;
  readonly complete: number;
  /** From intake to the recorded decision, without what people do in between. */
  readonly whole: number;
}

export const changeSteps = (steps: Omit<ChangeSteps, 'whole'>): ChangeSteps => ({
  ...steps,
  whole: steps.intake + steps.next + steps.complete,
});
