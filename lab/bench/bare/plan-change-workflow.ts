/**
 * The baseline of a plan change: a workflow with only its messages. A change is started, gets a signal (somebody claims it) and
 * an update that finishes it, and sends two emails. The steps do nothing, so a flow's time is Temporal's. All steps are local
 * activities, the minimum cost of a step. There are as many as in the product, including those of the emails.
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
  sendMail(): Promise<void>;
}

export const takenSignal = defineSignal('taken');
export const finishUpdate = defineUpdate<boolean, [string]>('finish');

const { databaseStep, sendMail } = proxyLocalActivities<BareChangeActivities>({ startToCloseTimeout: '10s' });

export async function bareChange(): Promise<void> {
  let over = false;
  setHandler(takenSignal, () => {});
  setHandler(finishUpdate, async () => {
    await databaseStep();
    over = true;
    return true;
  });
  await condition(() => over, '30 days');
  await condition(allHandlersFinished);
  await Promise.all([sendMail(), sendMail()]);
}
