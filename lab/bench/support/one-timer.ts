import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { freePort } from '../../stack/ports';
import type { oneTimer } from './one-timer-workflow';
import type { BenchStack } from './stack';
import { tasksExecuted } from './worker-metrics';

export interface OneTimer {
  readonly pid: number;
  /** Starts one, as a client does that wants nothing special. */
  start(): Promise<void>;
  /** So many workflow tasks its worker has executed: one a run, which sets the timer. */
  tasks(): Promise<number>;
}

const TASK_QUEUE = 'one-timer';

/** Starts the worker process of the floor of a sweep. */
export async function startOneTimer({ startNode, temporalAddress, client }: BenchStack): Promise<OneTimer> {
  const metricsAddress = `127.0.0.1:${await freePort()}`;
  const { pid } = await startNode({
    name: 'the worker of the bare starts',
    script: join(__dirname, 'one-timer-worker.ts'),
    args: [temporalAddress, TASK_QUEUE, metricsAddress],
  });
  return {
    pid,
    async start() {
      await client.workflow.start<typeof oneTimer>('oneTimer', {
        workflowId: `one-timer/${randomUUID()}`,
        taskQueue: TASK_QUEUE,
        args: [],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      });
    },
    tasks: () => tasksExecuted(metricsAddress, 'oneTimer'),
  };
}
