/** What the person at the page waits for, step by step, in milliseconds. */
export interface FlowSteps {
  readonly open: number;
  /** From the answer to the opening until the email is there. */
  readonly mail: number;
  readonly pin: number;
  readonly password: number;
}

const wholeMs = ({ open, mail, pin, password }: FlowSteps): number => open + mail + pin + password;

/** Without the wait for the email. */
const answersMs = ({ open, pin, password }: FlowSteps): number => open + pin + password;

/** Each step, and what they come to. */
export type ResetTimes = FlowSteps & { readonly whole: number; readonly answers: number };

export const resetTimes = (steps: FlowSteps): ResetTimes => ({
  ...steps,
  whole: wholeMs(steps),
  answers: answersMs(steps),
});

/** Called between the steps: what a person at the page does meanwhile. Its time does not count. */
export type Pause = () => Promise<void>;

export const noPause: Pause = () => Promise.resolve();
