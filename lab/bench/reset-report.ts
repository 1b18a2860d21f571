/** The figures of the reset bench as a page, held against what issue and README promise. */
import { cpus } from 'node:os';
import type { BenchReport } from './bench';
import type { ResetTimes } from './support/flow-steps';
import type { RunCost } from './support/histories';
import { costRows, processTitles } from './support/report-rows';
import type { Summary as SummaryOf } from './support/rounds';
import { figure, table } from './support/table';

type Summary = SummaryOf<keyof ResetTimes>;

export interface WorkerMemory {
  readonly idleMb: number;
  readonly openMb: number;
  readonly openResets: number;
  /** Of the open resets, those that the worker holds in memory. */
  readonly cachedRuns: number;
  readonly openingsPerSecond: number;
}

type CostOf = 'bare' | 'full' | 'notice';

export interface ResetFigures {
  readonly atATime: number;
  readonly flows: number;
  readonly alone: number;
  readonly earlierPasswords: number;
  readonly inMemory: boolean;
  /** One argon2id hash, alone, median. */
  readonly hashMs: number;
  readonly hashesAFlow: number;
  readonly variants: {
    readonly bare: Summary;
    /** The bare flow whose client makes the same hashes. */
    readonly bareWithHash: Summary;
    readonly full: Summary;
  };
  /** Of flows at a person's pace, and of those whose rate was measured. */
  readonly costs: Readonly<Record<CostOf | `${CostOf}Hurried`, RunCost>>;
  readonly memory: WorkerMemory | undefined;
}

const AIMS = { ofBareRate: 0.8, aloneMs: 150 };

interface Aim {
  readonly aim: string;
  readonly measured: string;
  readonly met: boolean;
}

export function resetReport(figures: ResetFigures): BenchReport {
  const aims = aimsOf(figures);
  const machine = { cores: cpus().length, node: process.versions.node, platform: process.platform };
  return { page: pageOf(figures, aims, machine), figures: { bench: 'reset', machine, ...figures, aims } };
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

function pageOf(
  figures: ResetFigures,
  aims: readonly Aim[],
  { cores, node }: { readonly cores: number; readonly node: string },
): string {
  const { variants, costs, memory, atATime, flows, alone, hashMs, hashesAFlow, inMemory } = figures;
  const { bare, bareWithHash, full } = variants;
  const columns = [bare, bareWithHash, full];
  const header = (title: string) => [title, 'bare flow', 'with hashing', 'full reset', 'of bare'];
  const ratio = (of: (summary: Summary) => number) => (of(full) / of(bare)).toFixed(2);
  const times = (part: 'busy' | 'alone') =>
    steps.map(([title, step]) => [
      title,
      ...columns.map(
        (summary) => `${figure(summary[part][step].median)} / ${figure(summary[part][step].p99)}`,
      ),
      ratio((summary) => summary[part][step].median),
    ]);

  const parts = [
    `Full password resets over HTTP beside the bare Temporal flow, on one server (${cores} cores, Node ${node})`,
    table(header(`${flows} flows, ${atATime} at a time`), [
      ['flows a second', ...columns.map(({ rate }) => figure(rate, 1)), ratio(({ rate }) => rate)],
      ['  each round', ...columns.map(({ rates }) => rates.map((rate) => figure(rate, 1)).join(' ')), ''],
      ...times('busy'),
    ]),
    table(header(`${alone} flows, alone`), times('alone')),
    table(
      ['What a flow costs Temporal', 'bare flow', 'full reset', 'its notice'],
      costRows.map(([title, of, hurried]) => [
        title,
        ...(['bare', 'full', 'notice'] as const).map((what) =>
          String(of(costs[hurried ? (`${what}Hurried` as const) : what])),
        ),
      ]),
    ),
    table(
      ['Cores used / CPU ms a flow', 'bare flow', 'with hashing', 'full reset'],
      Object.keys(full.cores).map((name) => [
        processTitles[name] ?? name,
        ...columns.map(({ cores: used, cpuMsAFlow }) =>
          name in used ? `${figure(used[name]!, 2)} / ${figure(cpuMsAFlow[name]!)}` : '',
        ),
      ]),
    ),
    memory &&
      `Worker memory: ${figure(memory.idleMb)} MB idle, ${figure(memory.openMb)} MB with ${memory.openResets} open resets, ` +
        `${figure(memory.cachedRuns)} of them in its cache (opened at ${figure(memory.openingsPerSecond)} a second).`,
    `A password hash takes ${figure(hashMs)} ms alone; a flow needs ${hashesAFlow}. ` +
      `After the last of a round's resets at ${atATime} at a time, the notices took ${full.drainMs.map((ms) => `${figure(ms / 1000, 1)} s`).join(' and ')} more.` +
      (inMemory ? ' The files were in memory: nothing waited for a disk.' : ''),
    aims.map(({ aim, measured, met }) => `${met ? 'met    ' : 'NOT MET'}  ${aim}: ${measured}`).join('\n'),
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
