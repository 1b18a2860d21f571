import { freePort } from '../../stack/ports';
import type { BenchStack } from '../support/stack';
import { tasksExecuted } from '../support/worker-metrics';
import { startBareWorker } from './start-worker';

export interface OneTimer {
  readonly pid: number;
  /** Starts one. */
  start(): Promise<unknown>;
  /** How many workflow tasks its worker has executed: one per run, which sets the timer. */
  tasks(): Promise<number>;
}

/** Starts the worker process of a sweep's baseline. */
export async function startOneTimer(stack: BenchStack): Promise<OneTimer> {
  const metricsAddress = `127.0.0.1:${await freePort()}`;
  const { pid, start } = await startBareWorker(stack, 'one-timer', { metricsAddress });
  return { pid, start: () => start('oneTimer'), tasks: () => tasksExecuted(metricsAddress, 'oneTimer') };
}
