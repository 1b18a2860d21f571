/**
 * A flow of the product compared with the bare Temporal flow, in one run on one server. The variants take turns, so that a
 * machine that becomes slower or faster meanwhile affects the rounds, but not the ratio.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pause } from './steps';
import { costOfRuns, openRuns, type RunCost } from './histories';
import { forEachAtATime } from './measure';
import type { Progress } from './progress';
import {
  measureRound,
  shareOf,
  summarise,
  type Round,
  type RoundOptions,
  type Summary,
  type Variant,
} from './rounds';
import type { BenchStack } from './stack';

/** Warm-up flows, until the processes are nearly at full speed. */
const LEAST_WARM_UPS = 100;
const HISTORIES = 100;
/** At a person's pace each step is a separate workflow task; at full speed some share one by chance. */
const PERSONS_PAUSE_MS = 300;
export const PACED_FLOWS = 20;
/** Timeout for the flows' remaining background work. */
export const DRAIN_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 200;

export interface AgainstBareOptions<Name extends string, Step extends string, Cost extends string> {
  readonly flows: number;
  readonly alone: number;
  readonly atATime: number;
  readonly rounds: number;
  /** So many at once in a further round. */
  readonly crowd?: number;
  readonly variants: Readonly<Record<Name, Omit<Variant<Step>, 'name'>>>;
  /** The types of the runs whose cost is reported; they all end by themselves. */
  readonly runTypes: Readonly<Record<Cost, string>>;
  /** One bare flow and one of the product, with a pause between the steps. */
  atAPersonsPace(pause: Pause): Promise<unknown>;
}

export interface AgainstBare<Name extends string, Step extends string, Cost extends string> {
  readonly flows: number;
  readonly alone: number;
  readonly atATime: number;
  readonly inMemory: boolean;
  /** The version of the Temporal server. */
  readonly temporalServer: string;
  readonly variants: Readonly<Record<Name, Summary<Step>>>;
  /** The round with a crowd: as many flows, none alone. */
  readonly crowd: Readonly<Record<Name, Summary<Step>>>;
  /** For runs at a person's pace, and for those whose rate was measured. */
  readonly costs: Readonly<Record<Cost | `${Cost}Hurried`, RunCost>>;
  /** Emails without a PIN, from the concurrent and the single flows. */
  readonly notices: number;
}

/** How many flows each variant runs before anything is measured. */
export const warmUpsOf = (atATime: number): number => Math.max(LEAST_WARM_UPS, 2 * atATime);

export async function measureAgainstBare<Name extends string, Step extends string, Cost extends string>(
  { client, mail, signal, inMemory }: BenchStack,
  progress: Progress,
  options: AgainstBareOptions<Name, Step, Cost>,
): Promise<AgainstBare<Name, Step, Cost>> {
  const { flows, alone, atATime, runTypes, atAPersonsPace } = options;
  const variants = Object.entries<Omit<Variant<Step>, 'name'>>(options.variants).map(
    ([name, variant]): Variant<Step> => ({ name, ...variant }),
  );
  const costNames = Object.keys(runTypes) as Cost[];

  const drain = async (): Promise<void> => {
    const left = async (): Promise<number> => {
      const open = await Promise.all(costNames.map((name) => openRuns(client, runTypes[name])));
      return open.reduce((sum, each) => sum + each, 0);
    };
    const giveUpAt = performance.now() + DRAIN_WITHIN_MS;
    for (let running = await left(); running > 0; running = await left()) {
      progress.update(`${running} runs still open`);
      if (performance.now() > giveUpAt) throw new Error(`${running} runs did not end`);
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  };
  /** Runs it this often and waits for the remaining background work; returns the time. */
  const doing = async (howMany: number, parallel: number, work: () => Promise<unknown>) => {
    const from = new Date();
    await forEachAtATime(Array.from({ length: howMany }), parallel, signal, async () => void (await work()));
    await drain();
    return [from, new Date()] as const;
  };

  for (const { name, run } of variants) {
    progress.step(`warming up: ${name}`);
    await doing(warmUpsOf(atATime), atATime, run);
  }

  const noticesBefore = mail.counts().notices;
  const roundsBegan = new Date();
  const rounds: Round<Step>[] = [];
  const crowds: Round<Step>[] = [];
  const measure = async (
    variant: Variant<Step>,
    share: Pick<RoundOptions, 'flows' | 'alone' | 'atATime'>,
  ): Promise<Round<Step>> => {
    const onProgress = (detail: string): void => progress.update(detail);
    const round = await measureRound(variant, { ...share, signal, between: drain, onProgress });
    await drain();
    return round;
  };
  for (let number = 1; number <= options.rounds; number++) {
    for (const variant of variants) {
      progress.step(`round ${number} of ${options.rounds}: ${variant.name}`);
      const share = {
        flows: shareOf(flows, options.rounds, number),
        alone: shareOf(alone, options.rounds, number),
      };
      rounds.push(await measure(variant, { ...share, atATime }));
    }
  }
  for (const variant of options.crowd === undefined ? [] : variants) {
    progress.step(`a crowd: ${variant.name}`);
    crowds.push(await measure(variant, { flows, alone: 0, atATime: options.crowd! }));
  }
  const hurried = [roundsBegan, new Date()] as const;
  const notices = mail.counts().notices - noticesBefore;

  progress.step("a few flows at a person's pace");
  const paced = await doing(PACED_FLOWS, PACED_FLOWS / 2, () =>
    atAPersonsPace(() => sleep(PERSONS_PAUSE_MS)),
  );

  progress.step('reading histories');
  const costs: Record<string, RunCost> = {};
  for (const name of costNames) {
    costs[name] = await costOfRuns(client, runTypes[name], paced, HISTORIES);
    costs[`${name}Hurried`] = await costOfRuns(client, runTypes[name], hurried, HISTORIES);
  }
  const summaries = (of: readonly Round<Step>[]): Record<Name, Summary<Step>> =>
    Object.fromEntries(
      variants.map(({ name }) => [name, summarise(of.filter(({ variant }) => variant === name))]),
    ) as Record<Name, Summary<Step>>;
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  return {
    temporalServer: serverVersion ?? '',
    flows,
    alone,
    atATime,
    inMemory,
    notices,
    costs: costs as Record<Cost | `${Cost}Hurried`, RunCost>,
    variants: summaries(rounds),
    crowd: summaries(crowds),
  };
}
