/**
 * The baseline of a plan change: workflows with only its messages and runs. A change is started, gets a signal (somebody
 * claims it) and an update that finishes it, and starts two runs that represent its emails. The steps do nothing, so a flow's
 * time is Temporal's. All steps are local activities, the minimum cost of a step. There are as many as in the product,
 * including those of the emails.
 */
import {
  allHandlersFinished,
  condition,
  defineSignal,
  defineUpdate,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';

export interface BareChangeActivities {
  databaseStep(): Promise<void>;
  startMails(): Promise<void>;
  sendMail(): Promise<void>;
}

export const takenSignal = defineSignal('taken');
export const finishUpdate = defineUpdate<boolean, [string]>('finish');

const { databaseStep, startMails, sendMail } = proxyLocalActivities<BareChangeActivities>({
  startToCloseTimeout: '10s',
});

export async function bareChange(): Promise<void> {
  let over = false;
  setHandler(takenSignal, () => databaseStep());
  setHandler(finishUpdate, async () => {
    await databaseStep();
    await databaseStep();
    over = true;
    return true;
  });
  await condition(() => over, '30 days');
  await condition(allHandlersFinished);
  await startMails();
}

export async function bareMail(): Promise<void> {
  await sendMail();
}
