/**
 * Kills (SIGKILL) or freezes (SIGSTOP) parts at times set by the seed, and restarts those that are down, like an orchestrator.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Part, PartName } from './parts';
import type { Random } from './random';

const BETWEEN_KILLS_MS = [600, 6_000] as const;
const DOWN_MS = [50, 3_000] as const;
/** Long enough for calls to run into their deadlines. */
const LONG_DOWN_MS = [6_000, 12_000] as const;
const LONG_SHARE = 0.12;
const MOST_DOWN = 2;
/** How often a part is killed while another one is down. */
const SECOND_SHARE = 0.35;
/** How often the mail server is killed between an email and its answer. */
const AT_WORST_SHARE = 0.6;
/** A frozen part is worse than a dead one: nobody notices, and it later continues what it had started. */
const FREEZE_SHARE = 0.35;
const FROZEN_MS = [3_000, 15_000] as const;
const WATCH_EVERY_MS = 200;
const START_AGAIN_AFTER_MS = 500;

export interface PartRecord {
  kills: number;
  freezes: number;
  /** From the kill or freeze until it worked again. */
  downMs: number;
  longestDownMs: number;
  /** It exited without being killed, for example because another part was down. */
  endedAlone: number;
  /** Starts that failed because another part was down. */
  failedStarts: number;
}

/** The time of a kill or freeze, to compare with logs. */
export interface Strike {
  readonly part: PartName;
  readonly how: 'killed' | 'frozen';
  readonly at: string;
  readonly downMs: number;
}

export interface Killer {
  readonly strikes: readonly Strike[];
  readonly records: ReadonlyMap<PartName, PartRecord>;
  /** How many are down now. */
  down(): readonly PartName[];
  /** Stops killing; resolves once everything is up. Parts that exit by themselves are still restarted. */
  calm(): Promise<void>;
  /** Stops restarting. */
  end(): Promise<void>;
}

export interface KillerOptions {
  /** All parts: they are restarted when they exit. */
  readonly parts: readonly Part[];
  /** Those that are killed. */
  readonly targets: readonly PartName[];
  readonly random: Random;
  readonly signal: AbortSignal;
}

export function startKiller({ parts, targets, random, signal }: KillerOptions): Killer {
  const records = new Map<PartName, PartRecord>(
    parts.map(({ name }) => [
      name,
      { kills: 0, freezes: 0, downMs: 0, longestDownMs: 0, endedAlone: 0, failedStarts: 0 },
    ]),
  );
  const strikes: Strike[] = [];
  const down = new Map<PartName, Promise<void>>();
  const [calming, ending] = [new AbortController(), new AbortController()];
  const over = AbortSignal.any([signal, calming.signal]);
  const pause = (ms: number): Promise<unknown> =>
    sleep(ms, undefined, { signal: over }).catch(() => undefined);

  const now = (): { at: string } => ({ at: new Date().toISOString() });
  const drawn = ([from, to]: readonly [number, number]): number => random.between(from, to);

  /** Until the part is ready again. Retries after every failure, because nobody else would. */
  async function bringUp(part: Part): Promise<void> {
    while (!signal.aborted) {
      try {
        await part.start();
        return;
      } catch {
        records.get(part.name)!.failedStarts += 1;
        await sleep(START_AGAIN_AFTER_MS);
      }
    }
  }

  /** Down for `downMs`, and until it is ready again. */
  function handle(
    part: Part,
    downMs: number,
    strike: () => Promise<void> | void,
    recover: () => Promise<void> | void = () => bringUp(part),
  ): void {
    const record = records.get(part.name)!;
    const handled = async (): Promise<void> => {
      await strike();
      const endedAt = performance.now();
      await pause(downMs);
      await recover();
      const wasDownMs = performance.now() - endedAt;
      record.downMs += wasDownMs;
      record.longestDownMs = Math.max(record.longestDownMs, wasDownMs);
    };
    down.set(
      part.name,
      handled().finally(() => down.delete(part.name)),
    );
  }

  async function killOnAndOn(): Promise<void> {
    while (!over.aborted) {
      // Draw all numbers every time, so that the parts that are down do not shift the rest of the schedule.
      const gapMs = drawn(BETWEEN_KILLS_MS);
      const target = random.pick(targets);
      const downMs = drawn(random.chance(LONG_SHARE) ? LONG_DOWN_MS : DOWN_MS);
      const asSecond = random.chance(SECOND_SHARE);
      const atWorst = random.chance(AT_WORST_SHARE);
      const freezes = random.chance(FREEZE_SHARE);
      const frozenMs = drawn(FROZEN_MS);
      await pause(gapMs);
      if (over.aborted) return;
      const part = parts.find(({ name }) => name === target)!;
      if (down.has(target) || down.size >= MOST_DOWN || (down.size > 0 && !asSecond)) continue;
      const { standstill } = part;
      if (freezes && standstill !== undefined) {
        records.get(target)!.freezes += 1;
        strikes.push({ part: target, how: 'frozen', ...now(), downMs: Math.round(frozenMs) });
        handle(part, frozenMs, standstill.freeze, standstill.thaw);
        continue;
      }
      records.get(target)!.kills += 1;
      strikes.push({ part: target, how: 'killed', ...now(), downMs: Math.round(downMs) });
      handle(part, downMs, () => part.kill(atWorst));
    }
  }

  /** Like an orchestrator, restarts parts that exit by themselves. */
  async function watch(): Promise<void> {
    while (!ending.signal.aborted && !signal.aborted) {
      await sleep(WATCH_EVERY_MS);
      for (const part of parts) {
        if (ending.signal.aborted || down.has(part.name) || part.isUp()) continue;
        records.get(part.name)!.endedAlone += 1;
        handle(part, 0, async () => {});
      }
    }
  }

  const killing = killOnAndOn();
  const watching = watch();
  return {
    records,
    strikes,
    down: () => [...down.keys()],
    async calm() {
      calming.abort();
      await killing;
      await Promise.all(down.values());
    },
    async end() {
      ending.abort();
      await Promise.all([watching, ...down.values()]);
    },
  };
}
