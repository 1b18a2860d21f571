import type { WorkflowHandle } from '@temporalio/client';
import { changeTimes, type ChangeTimes, noPause, type Pause } from '../support/steps';
import { timeMs } from '../support/measure';
import type { BenchStack } from '../support/stack';
import { startBareWorker } from './start-worker';

export interface BareChange {
  readonly pid: number;
  /** Runs one flow until its update is answered; its two emails' runs continue by themselves. */
  run(pause?: Pause): Promise<ChangeTimes>;
}

/** Starts the worker process of the bare flow of a plan change. */
export async function startBareChange(stack: BenchStack): Promise<BareChange> {
  const { pid, start } = await startBareWorker(stack, 'plan-change');
  return {
    pid,
    async run(pause = noPause) {
      let flow: WorkflowHandle | undefined;
      const intake = await timeMs(async () => (flow = await start('bareChange')));
      await pause();
      const next = await timeMs(() => flow!.signal('taken'));
      await pause();
      const complete = await timeMs(() => flow!.executeUpdate('finish', { args: ['completion'] }));
      return changeTimes({ intake, next, complete });
    },
  };
}
