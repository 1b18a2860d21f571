import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  readonly withinMs: number;
  readonly everyMs?: number;
}

/** Polls a condition; true as soon as it holds, false on timeout. A condition that throws counts as false. */
export async function waitUntil(
  question: () => Promise<boolean> | boolean,
  options: WaitOptions,
): Promise<boolean> {
  const deadline = performance.now() + options.withinMs;
  for (;;) {
    try {
      if (await question()) return true;
    } catch {
      // Not answering yet: poll again.
    }
    if (performance.now() >= deadline) return false;
    await sleep(options.everyMs ?? 50);
  }
}

/** Waits until `holds` is true; throws after `withinMs`, and what `holds` throws. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 120_000): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > giveUpAt)
      throw new Error(`it did not become true within ${withinMs} ms: ${holds.toString()}`);
    await sleep(25);
  }
}
