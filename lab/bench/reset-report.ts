/** The reset bench's figures as a page, compared with the targets. */
import type { BenchReport } from './bench';
import type { AgainstBare } from './support/against-bare';
import { coresTable, costTable, memoryOf, rateTables } from './support/against-bare-report';
import type { ResetTimes } from './support/steps';
import { aimLines, machine, notOnDisk, onOneServer, type Aim } from './support/report-rows';
import { figure } from './support/table';

export interface WorkerMemory {
  readonly idleMb: number;
  readonly openMb: number;
  readonly openResets: number;
  /** How many open resets the worker caches. */
  readonly cachedRuns: number;
  readonly openingsPerSecond: number;
}

/** `bareWithHash`: the bare flow whose client computes the same hashes. */
type Variants = 'bare' | 'bareWithHash' | 'full';

export interface ResetFigures extends AgainstBare<Variants, keyof ResetTimes, 'bare' | 'full'> {
  /** How many flows at once are a crowd. */
  readonly crowdAtATime: number;
  readonly earlierPasswords: number;
  /** One argon2id hash, alone, median. */
  readonly hashMs: number;
  readonly hashesAFlow: number;
  readonly memory: WorkerMemory | undefined;
}

const AIMS = { ofBareRate: 0.8, aloneMs: 150 };

export function resetReport(figures: ResetFigures): BenchReport {
  const aims = aimsOf(figures);
  return { page: pageOf(figures, aims), figures: { bench: 'reset', machine, ...figures, aims } };
}

function aimsOf({ variants: { bare, bareWithHash, full }, costs, hashMs, hashesAFlow }: ResetFigures): Aim[] {
  const apart = full.rate / bareWithHash.rate;
  const whole = full.alone.whole.median;
  return [
    {
      aim: `at least ${AIMS.ofBareRate} of the bare rate, hashing apart`,
      measured: `${apart.toFixed(2)} (${(full.rate / bare.rate).toFixed(2)} with hashing)`,
      met: apart >= AIMS.ofBareRate,
    },
    {
      aim: "at most as many events as the bare flow, at a person's pace",
      measured: `${costs.full.events} to ${costs.bare.events}`,
      met: costs.full.events <= costs.bare.events,
    },
    {
      aim: `opened to completed alone under ${AIMS.aloneMs} ms`,
      measured: `${figure(whole)} ms (${figure(whole - hashMs * hashesAFlow)} without hashing, ${figure(full.alone.answers.median)} without the wait for the email)`,
      met: whole < AIMS.aloneMs,
    },
  ];
}

function pageOf(figures: ResetFigures, aims: readonly Aim[]): string {
  const { variants, costs, memory, atATime, hashMs, hashesAFlow, inMemory, temporalServer } = figures;
  const columnsOf = ({ bare, bareWithHash, full }: ResetFigures['variants']) => [
    { title: 'bare flow', summary: bare },
    { title: 'with hashing', summary: bareWithHash },
    { title: 'full reset', summary: full },
  ];
  const columns = columnsOf(variants);
  const crowd = columnsOf(figures.crowd);
  const [crowded] = rateTables(
    { ...figures, alone: 0, atATime: figures.crowdAtATime },
    { flow: 'flow', steps },
    crowd,
  );
  const parts = [
    `Full password resets over HTTP beside the bare Temporal flow, ${onOneServer}, Temporal server ${temporalServer}`,
    ...rateTables(figures, { flow: 'flow', steps }, columns),
    crowded,
    costTable('flow', {
      'bare flow': (of, hurried) => of(costs[`bare${hurried}`]),
      'full reset, with its notice': (of, hurried) => of(costs[`full${hurried}`]),
    }),
    coresTable('flow', columns),
    `The same with ${figures.crowdAtATime} at a time:\n${coresTable('flow', crowd)}`,
    `Memory after ${figures.flows} resets at ${atATime} at a time: ${memoryOf(variants.full)}; after as many at ${figures.crowdAtATime}: ${memoryOf(figures.crowd.full)}.`,
    memory &&
      `Worker memory: ${figure(memory.idleMb)} MB idle, ${figure(memory.openMb)} MB with ${memory.openResets} open resets, ` +
        `${figure(memory.cachedRuns)} of them in its cache (opened at ${figure(memory.openingsPerSecond)} a second).`,
    `A password hash takes ${figure(hashMs)} ms alone; a flow needs ${hashesAFlow}. ` +
      `After the last of a round's resets at ${atATime} at a time, the notices took ${variants.full.drainMs.map((ms) => `${figure(ms / 1000, 1)} s`).join(' and ')} more.` +
      notOnDisk(inMemory),
    aimLines(aims),
  ];
  return parts.filter((part) => part !== undefined).join('\n\n');
}

const steps = [
  ['open, median / p99 ms', 'open'],
  ['  wait for the email', 'mail'],
  ['  PIN', 'pin'],
  ['  password', 'password'],
  ['  opened to completed', 'whole'],
  ['  without the email', 'answers'],
] as const;
