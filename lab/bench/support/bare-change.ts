import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { bareChange } from './bare-change-workflow';
import { changeSteps, type ChangeSteps } from './change-steps';
import { noPause, type Pause } from './flow-steps';
import { timeMs } from './measure';
import type { BenchStack } from './stack';

export interface BareChange {
  readonly pid: number;
  /** Runs one flow until its update is answered; its two emails' runs go on by themselves. */
  run(pause?: Pause): Promise<ChangeSteps>;
}

const TASK_QUEUE = 'bare-change';

/** Starts the worker process of the bare flow of a plan change. */
export async function startBareChange({
  startNode,
  temporalAddress,
  client,
}: BenchStack): Promise<BareChange> {
  const { pid } = await startNode({
    name: 'the worker of the bare flow',
    script: join(__dirname, 'bare-change-worker.ts'),
    args: [temporalAddress, TASK_QUEUE],
  });

  return {
    pid,
    async run(pause = noPause) {
      const workflowId = `bare-change/${randomUUID()}`;
      const flow = client.workflow.getHandle<typeof bareChange>(workflowId);
      const intake = await timeMs(() =>
        client.workflow.start('bareChange', {
          workflowId,
          taskQueue: TASK_QUEUE,
          args: [],
          workflowIdConflictPolicy: 'FAIL',
        }),
      );
      await pause();
      const next = await timeMs(() => flow.signal('taken'));
      await pause();
      const complete = await timeMs(() => flow.executeUpdate('finish', { args: ['completion'] }));
      return changeSteps({ intake, next, complete });
    },
  };
}
