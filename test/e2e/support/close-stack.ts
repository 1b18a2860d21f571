import type { WorkflowExecutionInfo } from '@temporalio/client';
import { inTurn } from '../../../lab/system/closing';
import { expectCleanOutput, expectNoSecrets, readableText } from '../../../lab/system/secrets';
import type { Stack } from '../../../lab/system/stack';
import { replayHowever, type StoredRun } from '../../support/replays';
import '../../../lab/system/quiet-temporal';

/** Hundreds of runs do the same; this many of a type are enough. */
const READ_OF_A_TYPE = 100;

/**
 * Ends its processes. Replays every history of the stack against the current code. Throws if a history, what the server shows of
 * its run in lists (search attributes, memo, summary, pending work), or any output of the processes contains a fixture's secret.
 * `notOurs`: types of runs that are not in our code.
 */
export function closeStack(stack: Stack, notOurs: readonly string[] = []): Promise<void> {
  const { api, worker, web, processes } = stack;
  return inTurn(
    () => Promise.all(processes.map((each) => each.stop())),
    () => expectCleanOutput('the API', api.output),
    () => expectCleanOutput('the worker', worker.output),
    () => expectCleanOutput('the pages', web.output),
    async () => {
      const { dataConverter } = stack.client.options;
      await replayHowever(soundRuns(stack, await stack.runs(), notOurs), { dataConverter });
    },
    () => stack.stop(),
  );
}

async function* soundRuns(
  { client }: Stack,
  runs: readonly WorkflowExecutionInfo[],
  notOurs: readonly string[],
): AsyncIterable<StoredRun> {
  const ofType = new Map<string, number>();
  for (const { workflowId, runId, raw, type } of runs) {
    const number = (ofType.get(type) ?? 0) + 1;
    ofType.set(type, number);
    if (number > READ_OF_A_TYPE || notOurs.includes(type)) continue;
    const handle = client.workflow.getHandle(workflowId, runId);
    const history = await handle.fetchHistory();
    expectNoSecrets(`history of ${workflowId}`, readableText(history));
    expectNoSecrets(`listing of ${workflowId}`, readableText(raw));
    expectNoSecrets(`description of ${workflowId}`, readableText((await handle.describe()).raw));
    yield { workflowId, history };
  }
}
