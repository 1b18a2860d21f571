/** What the person at the page waits for, step by step, in milliseconds. */
export interface FlowSteps {
  readonly open: number;
  /** From the answer to the opening until the email is there. */
  readonly mail: number;
  readonly pin: number;
  readonly password: number;
}

export const wholeMs = ({ open, mail, pin, password }: FlowSteps): number => open + mail + pin + password;

/** Without the wait for the email. */
export const answersMs = ({ open, pin, password }: FlowSteps): number => open + pin + password;

/** Called between the steps: what a person at the page does meanwhile. Its time does not count. */
export type Pause = () => Promise<void>;

export const noPause: Pause = () => Promise.resolve();
