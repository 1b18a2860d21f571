import { Worker, type ReplayHistoriesIterable, type ReplayWorkerOptions } from '@temporalio/worker';
import { regroupings, type History } from './regrouped-histories';

export interface StoredRun {
  readonly workflowId: string;
  readonly history: History;
  /** As it is, and no other way: where many runs did the same. */
  readonly onlyAsItIs?: boolean;
}

/**
 * Replays each history against the current code: as it is, and however its events could have been grouped into tasks. One worker
 * replays them all: making one costs more than a replay.
 */
export async function replayHowever(
  runs: AsyncIterable<StoredRun> | Iterable<StoredRun>,
  options: Omit<ReplayWorkerOptions, 'workflowBundle'> = {},
): Promise<void> {
  async function* histories(): ReplayHistoriesIterable {
    for await (const { workflowId, history, onlyAsItIs = false } of runs) {
      yield { workflowId, history };
      if (onlyAsItIs) continue;
      for (const regrouped of regroupings(history))
        yield { workflowId: `${workflowId}, its events grouped into other tasks`, history: regrouped };
    }
  }
  const workflowBundle = { codePath: process.env['TENURE_TEST_BUNDLE'] ?? '' };
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle, ...options },
    histories(),
  ))
    if (error !== undefined) throw new Error(`${workflowId}: ${error.message}`);
}
