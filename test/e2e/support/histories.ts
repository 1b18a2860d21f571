/** What Temporal was told, all of it. */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { replayHowever, type StoredRun } from '../../support/replays';
import { expectNoSecrets, readableText } from '../../support/secrets';
import '../../support/quiet-temporal';

/** The runs of a task queue, open and closed, once the visibility store shows them. */
export async function runsOf(client: Client, taskQueue: string): Promise<WorkflowExecutionInfo[]> {
  const runs: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list({ query: `TaskQueue = '${taskQueue}'` })) runs.push(run);
  return runs;
}

/** Where hundreds of runs did the same, so many of a type tell as much as all of them. */
const READ_OF_A_TYPE = 100;

/**
 * Replays the histories of the task queue against the current code, and throws when one of them, or what the server shows
 * of its run in lists (search attributes, memo, summary, pending work), holds a fixture's secret. Gives how many there were.
 * `notOurs`: types of runs that no code of ours has.
 */
export async function expectSoundHistories(
  client: Client,
  taskQueue: string,
  notOurs: readonly string[] = [],
): Promise<number> {
  const { dataConverter } = client.options;
  const runs = await runsOf(client, taskQueue);
  await replayHowever(soundRuns(client, runs, notOurs), { dataConverter });
  return runs.length;
}

async function* soundRuns(
  client: Client,
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

/** Throws when the output of a process holds a fixture's secret. Of JSON lines everything but the numbers is looked at. */
export function expectCleanOutput(process: string, output: string): void {
  const lines = output.split('\n').map((line) => {
    try {
      return readableText(JSON.parse(line));
    } catch {
      return line;
    }
  });
  expectNoSecrets(`output of ${process}`, lines.join('\n'));
}
