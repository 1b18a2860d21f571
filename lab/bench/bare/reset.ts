import { randomUUID } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import type { WorkflowHandle } from '@temporalio/client';
import { noPause, resetTimes, type Pause, type ResetTimes } from '../support/steps';
import { timeMs } from '../support/measure';
import type { BenchStack } from '../support/stack';
import { startBareWorker } from './start-worker';

export interface BareReset {
  readonly pid: number;
  /** Runs one flow to its end, with this many password hashes before the commit. */
  run(hashes: number, pause?: Pause): Promise<ResetTimes>;
}

/** argon2id with the product's parameters. */
export const hashPassword = (): Promise<string> =>
  hash('Sunny_day7', { memoryCost: 19_456, timeCost: 2, parallelism: 1 });

/** Starts the worker process of the bare flow of a reset. */
export async function startBareReset(stack: BenchStack): Promise<BareReset> {
  const mailed = new Map<string, () => void>();
  const { pid, start } = await startBareWorker(stack, 'reset', {
    onMessage: (message) => {
      const { mailed: workflowId } = message as { readonly mailed: string };
      mailed.get(workflowId)?.();
      mailed.delete(workflowId);
    },
  });

  return {
    pid,
    async run(hashes, pause = noPause) {
      const workflowId = `bare/${randomUUID()}`;
      const mailSent = new Promise<void>((resolve) => mailed.set(workflowId, resolve));
      let flow: WorkflowHandle | undefined;
      const open = await timeMs(async () => (flow = await start('bareFlow', workflowId)));
      const mail = await timeMs(() => mailSent);
      await pause();
      const pin = await timeMs(() => flow!.executeUpdate('provePin', { args: ['pin'] }));
      await pause();
      const password = await timeMs(async () => {
        for (let made = 0; made < hashes; made++) await hashPassword();
        await flow!.executeUpdate('commitChoice', { args: ['choice'] });
      });
      return resetTimes({ open, mail, pin, password });
    },
  };
}
