/**
 * The floor: a workflow with the messages of a reset and nothing else. Its steps do nothing, so what a flow of it takes
 * is what Temporal takes. The database steps are local activities: the least that a step can cost.
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
