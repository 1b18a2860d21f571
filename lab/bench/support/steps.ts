/** What people wait for, step by step, in milliseconds. */

export interface ResetSteps {
  readonly open: number;
  /** From the answer to the opening until the email is there. */
  readonly mail: number;
  readonly pin: number;
  readonly password: number;
}

/** Each step, the total, and the total without the wait for the email. */
export type ResetTimes = ResetSteps & { readonly whole: number; readonly answers: number };

export function resetTimes(steps: ResetSteps): ResetTimes {
  const answers = steps.open + steps.pin + steps.password;
  return { ...steps, whole: answers + steps.mail, answers };
}

export interface ChangeSteps {
  readonly intake: number;
  /** Until a representative has it. */
  readonly next: number;
  readonly complete: number;
}

/** Each step, and the total from intake to the recorded decision. */
export type ChangeTimes = ChangeSteps & { readonly whole: number };

export const changeTimes = (steps: ChangeSteps): ChangeTimes => ({
  ...steps,
  whole: steps.intake + steps.next + steps.complete,
});

/** Called between the steps: what people do meanwhile. Its time does not count. */
export type Pause = () => Promise<void>;

export const noPause: Pause = () => Promise.resolve();
