import { setTimeout as sleep } from 'node:timers/promises';

/** As long as `until` waits, and more: for a transaction that holds a lock meanwhile. */
export const LOCKED_FOR_MS = 150_000;

/** Waits until `holds` is true; throws after `withinMs`. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 120_000): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > giveUpAt)
      throw new Error(`it did not become true within ${withinMs} ms: ${holds.toString()}`);
    await sleep(25);
  }
}
