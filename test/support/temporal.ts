import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import Long from 'long';
import type { OfRevision } from '../../src/contracts/run-revision';
import { mailQueue } from '../../src/contracts/task-queue';
import '../../lab/system/quiet-temporal';
import type { History } from '../../lab/system/regrouped-histories';
import { replayHowever, type StoredRun } from './replays';
import { expectNoSecrets, readableText } from '../../lab/system/secrets';
import { withShortStackTraces } from './short-stack-traces';

const { FAST_FORWARD_POLLING_RESULT_POLL_TIMEOUT: POLL_TIMEOUT } =
  temporal.api.enums.v1.FastForwardPollingResult;

export interface TestTemporal {
  readonly client: Client;
  readonly connection: Connection;
  /** The current test's queue: `newTaskQueue` creates another, so that open runs of an earlier test do not affect this one. */
  readonly taskQueue: string;
  newTaskQueue(): void;
  /** Runs a worker over `activities` until `stop` or the end of the file. */
  startWorker(activities: object): Promise<{ stop(): Promise<void> }>;
  /** Moves the clock of one run: its timers fire, everything else stays on the wall clock. Resolves to whether the run is still open. */
  forward(workflowId: string, seconds: number): Promise<boolean>;
  /**
   * Stops the workers, replays every history of the task queue against the current code, however its events are grouped into
   * tasks, scans them for secrets, and closes the connections. Call it after all tests of a file.
   */
  close(): Promise<void>;
}

/**
 * More than any test opens. Without a cache, core 1.24 loses a task that arrives together with a query while the run is
 * being evicted; the server repeats it after 10 s. `close` replays every history with nothing cached.
 */
const CACHED_RUNS = 500;

/** A separate task queue on the test run's Temporal server. */
export async function createTestTemporal(): Promise<TestTemporal> {
  const address = required('TENURE_TEST_TEMPORAL');
  const workflowBundle = { codePath: required('TENURE_TEST_BUNDLE') };
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection });
  const taskQueues = [`test-${randomUUID()}`];
  const stops: (() => Promise<void>)[] = [];

  return {
    client,
    connection,

    get taskQueue() {
      return taskQueues.at(-1)!;
    },

    newTaskQueue() {
      taskQueues.push(`test-${randomUUID()}`);
    },

    async startWorker(activities) {
      const taskQueue = taskQueues.at(-1)!;
      // An activity learns of its cancellation only at the next heartbeat, which takes a while by default.
      const common = { connection: native, activities, maxHeartbeatThrottleInterval: '1s' } as const;
      // Run workflows in this thread: starting another for each test takes longer than most tests.
      const forWorkflows = { taskQueue, workflowBundle, maxCachedWorkflows: CACHED_RUNS, debugMode: true };
      const forMail = { taskQueue: mailQueue(taskQueue) };
      const workers = await withShortStackTraces(() =>
        Promise.all([forWorkflows, forMail].map((options) => Worker.create({ ...common, ...options }))),
      );
      const running = Promise.all(workers.map((worker) => worker.run()));
      let stopped: Promise<void> | undefined;
      const stop = (): Promise<void> => {
        if (stopped === undefined) for (const worker of workers) worker.shutdown();
        stopped ??= running.then(() => undefined);
        return stopped;
      };
      stops.push(stop);
      return { stop };
    },

    async forward(workflowId, seconds) {
      const id = randomUUID();
      const execution = { namespace: 'default', workflowExecution: { workflowId } };
      const isOpen = async (): Promise<boolean> =>
        (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
      if (!(await isOpen())) return false;
      await connection.workflowService.updateWorkflowExecutionOptions({
        ...execution,
        workflowExecutionOptions: {
          timeSkippingConfig: {
            enabled: true,
            fastForwardConfig: { id, duration: { seconds: Long.fromNumber(seconds) } },
          },
        },
        updateMask: { paths: ['time_skipping_config'] },
      });
      // A poll that times out means nothing; one that fails means that the run has ended.
      for (let result = POLL_TIMEOUT; result === POLL_TIMEOUT;) {
        const polled = await connection.workflowService.pollWorkflowExecutionTimeSkipping({
          ...execution,
          fastForwardId: id,
        });
        result = polled.fastForwardPollingResult;
      }
      return isOpen();
    },

    async close() {
      try {
        await Promise.all(stops.map((stop) => stop()));
        const query = `TaskQueue IN (${taskQueues.map((name) => `'${name}'`).join(', ')})`;
        await replayHowever(soundHistories(client, query));
      } finally {
        await connection.close();
        await native.close();
      }
    },
  };
}

async function* soundHistories(client: Client, query: string): AsyncIterable<StoredRun> {
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    expectNoSecrets(`history of ${workflowId}`, readableText(history));
    expectNoLocalActivity(history, workflowId);
    yield { workflowId, history };
  }
}

/** Except for runs that look as if an earlier build had started them (ADR 26). */
function expectNoLocalActivity({ events }: History, workflowId: string): void {
  const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  const { revision }: OfRevision = input ? defaultPayloadConverter.fromPayload(input) : {};
  const markers = (events ?? []).filter(
    ({ markerRecordedEventAttributes: marker }) => marker?.markerName === 'core_local_activity',
  );
  if (revision !== undefined && markers.length > 0)
    throw new Error(
      `${workflowId} has a local activity, which a task that times out may leave it stuck with`,
    );
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests through jest and its global setup`);
  return value;
}
