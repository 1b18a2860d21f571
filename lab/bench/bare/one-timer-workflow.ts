/** The baseline of a sweep: a workflow that only sets one timer, longer than any bench. */
import { sleep } from '@temporalio/workflow';

export async function oneTimer(): Promise<void> {
  await sleep('15 days');
}
