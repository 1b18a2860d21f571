/** A queue full of changes, and representatives who all ask for the next one at once and complete nothing. */
import { cpuUsed, readCpu, type CpuSeconds } from './cpu';
import type { JsonClient } from '../../system/json-client';
import { forEachAtATime } from './measure';
import type { PlanChangeDesk, Representative } from './plan-change-desk';

export interface NextAtOnce {
  readonly representatives: number;
  /** Changes that were given to anybody, and those of them that were given to more than one or more than once. */
  readonly given: number;
  readonly givenTwice: number;
  /** How long each answer with a change took, and each that said that none waits. */
  readonly givenMs: readonly number[];
  readonly noneMs: readonly number[];
  readonly wallMs: number;
  readonly cpu: CpuSeconds;
}

/** Each representative asks again as soon as a change is given, until none waits. */
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
