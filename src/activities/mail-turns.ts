/**
 * Limits the emails that a worker process sends at a time, by its two queues together (ADR 46).
 * - An email has a turn from its activity's first statement to its last, and with it a connection to the mail server.
 * - The mail queue comes first: its attempts wait for a turn, a first attempt by the run's own queue fails at once. So first
 *   attempts use what the mail queue leaves free, and never more slots than there are turns.
 */
import { activityInfo, heartbeat, sleep } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { FAILURE_TYPES } from '../contracts/failures';

/** Makes an activity one that sends in turn. */
export type MailTurns = <Input, Result>(
  send: (input: Input) => Promise<Result>,
) => (input: Input) => Promise<Result>;

const LOOK_EVERY_MS = 100;
/** A longer wait would be missing at the end of the attempt, which is limited as a whole. */
const WAIT_MS = 30_000;

export function createMailTurns(turns: number): MailTurns {
  let taken = 0;
  let waiting = 0;

  return (send) => async (input) => {
    const mayWait = activityInfo().retryPolicy?.maximumAttempts !== 1;
    if (!mayWait && taken + waiting >= turns) throw allTaken();
    if (taken >= turns) await aTurn();
    taken++;
    try {
      return await send(input);
    } finally {
      taken--;
    }
  };

  async function aTurn(): Promise<void> {
    waiting++;
    try {
      for (let waitedMs = 0; taken >= turns; waitedMs += LOOK_EVERY_MS) {
        if (waitedMs >= WAIT_MS) throw allTaken();
        heartbeat();
        await sleep(LOOK_EVERY_MS);
      }
    } finally {
      waiting--;
    }
  }
}

/** Nothing is wrong: the worker does not warn of it, and no metric counts it. */
const allTaken = (): ApplicationFailure =>
  ApplicationFailure.create({
    type: FAILURE_TYPES.mailBusy,
    category: ApplicationFailureCategory.BENIGN,
    message: 'as many emails are being sent as MAIL_SLOTS allows; the mail queue sends it',
  });
