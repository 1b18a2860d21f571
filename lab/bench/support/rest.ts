import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from './processes';
import type { Progress } from './progress';

/** Servers and workers are at rest when they use less of one core than this. */
const REST_CORES = 0.15;
const REST_OVER_MS = 2_000;
const REST_WITHIN_MS = 15 * 60_000;
/** If the machine does not report CPU use of processes. */
const REST_UNSEEN_MS = 30_000;

/** Waits until everything is idle, so that the next measurement has the machine to itself. */
export async function untilAtRest(
  pids: Readonly<Record<string, number>>,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const used = () => Object.values(pids).reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  progress.step('waiting until everything is at rest');
  if (Number.isNaN(used())) return sleep(REST_UNSEEN_MS, undefined, { signal });
  const giveUpAt = performance.now() + REST_WITHIN_MS;
  for (;;) {
    const before = used();
    await sleep(REST_OVER_MS, undefined, { signal });
    const cores = ((used() - before) * 1000) / REST_OVER_MS;
    if (cores < REST_CORES) return;
    if (performance.now() > giveUpAt) throw new Error('the servers and workers did not come to rest');
    progress.update(`${cores.toFixed(1)} cores in use`);
  }
}
