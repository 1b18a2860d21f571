import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import type { NodeProcessOptions } from '../../system/node-process';
import type { BenchStack } from '../support/stack';

export interface BareWorker {
  readonly pid: number;
  /** Starts a run, like a client without special options. */
  start(type: string, workflowId?: string): Promise<WorkflowHandle>;
}

/** Starts a worker process of workflows that do nothing: their time is Temporal's. */
export async function startBareWorker(
  { startNode, temporalAddress, client }: BenchStack,
  workflows: string,
  options: Pick<NodeProcessOptions, 'onMessage'> & { readonly metricsAddress?: string } = {},
): Promise<BareWorker> {
  const { metricsAddress, ...listening } = options;
  const taskQueue = `bare-${workflows}`;
  const { pid } = await startNode({
    name: 'the bare worker',
    script: join(__dirname, 'worker.ts'),
    args: [
      ...[temporalAddress, taskQueue, join(__dirname, `${workflows}-workflow.ts`)],
      ...(metricsAddress === undefined ? [] : [metricsAddress]),
    ],
    ...listening,
  });
  return {
    pid,
    start: (type, workflowId = `${type}/${randomUUID()}`) =>
      client.workflow.start(type, {
        workflowId,
        taskQueue,
        args: [],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      }),
  };
}
