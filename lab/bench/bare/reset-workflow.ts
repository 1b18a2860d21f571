/**
 * The baseline: a workflow with only the messages of a reset. Its steps do nothing, so a flow's time
 * is Temporal's. The database steps are local activities: the minimum cost of a step.
 * The product's are normal activities (ADR 26), as its mail is.
 */
import {
  condition,
  defineUpdate,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';

export interface BareActivities {
  databaseStep(): Promise<void>;
  mail(): Promise<void>;
}

export const provePin = defineUpdate<boolean, [string]>('provePin');
export const commitChoice = defineUpdate<boolean, [string]>('commitChoice');

const { databaseStep } = proxyLocalActivities<BareActivities>({ startToCloseTimeout: '10s' });
const { mail } = proxyActivities<BareActivities>({ startToCloseTimeout: '60s' });

export async function bareFlow(): Promise<void> {
  let over = false;
  setHandler(provePin, async () => {
    await databaseStep();
    return true;
  });
  setHandler(commitChoice, async () => {
    await databaseStep();
    over = true;
    return true;
  });
  await databaseStep();
  const mailed = mail();
  await Promise.race([condition(() => over), sleep('90 minutes')]);
  await mailed;
}
