/** Kills parts (SIGKILL) or freezes them (SIGSTOP) at moments that come from the seed, and starts again what is down, as an orchestrator does. */
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
/** A part that stands still is worse than one that is gone: nobody sees it, and it goes on with what it had begun. */
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
  /** It ended though nobody killed it: because another part was away, say. */
  endedAlone: number;
  /** Starts that came to nothing, since another part was away. */
  failedStarts: number;
}

/** When something was killed or frozen, for whoever reads a log beside it. */
export interface Strike {
  readonly part: PartName;
  readonly how: 'killed' | 'frozen';
  readonly at: string;
  readonly downMs: number;
}

export interface Killer {
  readonly strikes: readonly Strike[];
  readonly records: ReadonlyMap<PartName, PartRecord>;
  /** How many are down just now. */
  down(): readonly PartName[];
  /** Kills no more; resolves once everything is up. What ends by itself is started again still. */
  calm(): Promise<void>;
  /** Starts nothing any more. */
  end(): Promise<void>;
}

export interface KillerOptions {
  /** All there are: they are started again when they end. */
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

  /** Until the part works again. Whatever goes wrong is tried again: nobody else would. */
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

  /** Down for `downMs`, and until it works again. */
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
      // All is drawn each time, so that what happens to be down does not move the rest of the schedule.
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

  /** An orchestrator sees to it that what ends by itself is started again. */
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
