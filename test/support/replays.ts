import { Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { regroupings, type History } from './regrouped-histories';

type Replay = Omit<ReplayWorkerOptions, 'workflowBundle'>;

/** Replays `history` against the current code: as it is, and however its events could have been grouped into tasks. */
export async function replayHowever(
  history: History,
  workflowId: string,
  options: Replay = {},
): Promise<void> {
  await replayAsItIs(history, workflowId, options);
  for (const regrouped of regroupings(history)) {
    await replayAsItIs(regrouped, workflowId, options).catch((error: unknown) => {
      throw new Error(`${workflowId}, its events grouped into other tasks: ${String(error)}`);
    });
  }
}

/** Replays `history` as it is. */
export async function replayAsItIs(
  history: History,
  workflowId: string,
  options: Replay = {},
): Promise<void> {
  const workflowBundle = { codePath: process.env['TENURE_TEST_BUNDLE'] ?? '' };
  await Worker.runReplayHistory({ workflowBundle, ...options }, history, workflowId);
}
