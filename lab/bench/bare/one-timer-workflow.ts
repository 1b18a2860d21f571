/** The floor of a sweep: a workflow that sets one timer, waits for longer than any bench, and does nothing else. */
import { sleep } from '@temporalio/workflow';

export async function oneTimer(): Promise<void> {
  await sleep('15 days');
}
