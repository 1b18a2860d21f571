import { Worker, type ReplayHistoriesIterable, type ReplayWorkerOptions } from '@temporalio/worker';
import { regroupings, type History } from '../../lab/system/regrouped-histories';
import { withShortStackTraces } from './short-stack-traces';

export interface StoredRun {
  readonly workflowId: string;
  readonly history: History;
}

/** How many runs with the same sequence of events are replayed: more would show nothing new. */
const REPLAYED_OF_A_KIND = 3;

/**
 * Replays each history against the current code: unchanged, and with every possible grouping of its events into tasks. One worker
 * replays them all, because creating a worker costs more than a replay.
 */
export async function replayHowever(
  runs: AsyncIterable<StoredRun> | Iterable<StoredRun>,
  options: Omit<ReplayWorkerOptions, 'workflowBundle'> = {},
): Promise<void> {
  const replayed = new Map<string, number>();
  async function* histories(): ReplayHistoriesIterable {
    for await (const { workflowId, history } of runs) {
      const kind = courseOf(history);
      const number = (replayed.get(kind) ?? 0) + 1;
      replayed.set(kind, number);
      if (number > REPLAYED_OF_A_KIND) continue;
      yield { workflowId, history };
      for (const regrouped of regroupings(history))
        yield { workflowId: `${workflowId}, its events grouped into other tasks`, history: regrouped };
    }
  }
  const workflowBundle = { codePath: process.env['TENURE_TEST_BUNDLE'] ?? '' };
  await withShortStackTraces(async () => {
    const results = Worker.runReplayHistories({ workflowBundle, ...options }, histories());
    for await (const { workflowId, error } of results)
      if (error !== undefined) throw new Error(`${workflowId}: ${error.message}`);
  });
}

/** The sequence of a run's events: workflow, activities, signals and updates. */
function courseOf({ events }: History): string {
  return (events ?? [])
    .map((event) =>
      [
        event.eventType,
        event.workflowExecutionStartedEventAttributes?.workflowType?.name,
        event.activityTaskScheduledEventAttributes?.activityType?.name,
        event.workflowExecutionSignaledEventAttributes?.signalName,
        event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name,
      ].join(' '),
    )
    .join('\n');
}
