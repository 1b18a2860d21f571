import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { hash } from '@node-rs/argon2';
import type { bareFlow } from './bare-workflow';
import { noPause, type FlowSteps, type Pause } from './flow-steps';
import { timeMs } from './measure';
import type { BenchStack } from './stack';

export interface BareFlow {
  readonly pid: number;
  /** Runs one flow to its end, with so many password hashes before the commit. */
  run(hashes: number, pause?: Pause): Promise<FlowSteps>;
}

const TASK_QUEUE = 'bare';

/** argon2id with the product's parameters. */
export const hashPassword = (): Promise<string> =>
  hash('Sunny_day7', { memoryCost: 19_456, timeCost: 2, parallelism: 1 });

/** Starts the worker process of the bare flow. */
export async function startBareFlow({ startNode, temporalAddress, client }: BenchStack): Promise<BareFlow> {
  const mailed = new Map<string, () => void>();
  const { pid } = await startNode({
    name: 'the worker of the bare flow',
    script: join(__dirname, 'bare-worker.ts'),
    args: [temporalAddress, TASK_QUEUE],
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
      const flow = client.workflow.getHandle<typeof bareFlow>(workflowId);
      const open = await timeMs(() =>
        client.workflow.start('bareFlow', {
          workflowId,
          taskQueue: TASK_QUEUE,
          args: [],
          workflowIdConflictPolicy: 'FAIL',
        }),
      );
      const mail = await timeMs(() => mailSent);
      await pause();
      const pin = await timeMs(() => flow.executeUpdate('provePin', { args: ['pin'] }));
      await pause();
      const password = await timeMs(async () => {
        for (let made = 0; made < hashes; made++) await hashPassword();
        await flow.executeUpdate('commitChoice', { args: ['choice'] });
      });
      return { open, mail, pin, password };
    },
  };
}
