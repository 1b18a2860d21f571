/** A full queue, and representatives who all ask for the next change at once and complete nothing. */
import { cpuUsed, readCpu, type CpuSeconds } from './cpu';
import type { JsonClient } from '../../system/json-client';
import { forEachAtATime } from './measure';
import type { PlanChangeDesk, Representative } from './plan-change-desk';

export interface NextAtOnce {
  readonly representatives: number;
  /** How many changes were handed out, and how many of them to more than one caller or more than once. */
  readonly given: number;
  readonly givenTwice: number;
  /** Times of the answers with a change, and of those without. */
  readonly givenMs: readonly number[];
  readonly noneMs: readonly number[];
  readonly wallMs: number;
  readonly cpu: CpuSeconds;
}

/** Each representative asks again as soon as one is handed out, until none is waiting. */
export async function askAtOnce(options: {
  readonly desk: PlanChangeDesk;
  readonly http: JsonClient;
  readonly representatives: readonly Representative[];
  readonly pids: Readonly<Record<string, number>>;
  readonly signal: AbortSignal;
  onProgress(given: number): void;
}): Promise<NextAtOnce> {
  const { desk, http, representatives, pids, signal, onProgress } = options;
  const times = new Map<string, number>();
  const [givenMs, noneMs]: [number[], number[]] = [[], []];

  const askUntilNoneWaits = async (representative: Representative): Promise<void> => {
    for (;;) {
      signal.throwIfAborted();
      const askedAtMs = performance.now();
      const id = await desk.askForNext(http, representative);
      const tookMs = performance.now() - askedAtMs;
      if (id === null) return void noneMs.push(tookMs);
      givenMs.push(tookMs);
      times.set(id, (times.get(id) ?? 0) + 1);
      onProgress(times.size);
    }
  };

  const cpuBefore = readCpu(pids);
  const startedAtMs = performance.now();
  await forEachAtATime(representatives, representatives.length, signal, askUntilNoneWaits);
  return {
    representatives: representatives.length,
    given: times.size,
    givenTwice: [...times.values()].filter((each) => each > 1).length,
    givenMs,
    noneMs,
    wallMs: performance.now() - startedAtMs,
    cpu: cpuUsed(cpuBefore, readCpu(pids)),
  };
}
