/** The plan change bench's figures as a page, compared with the targets. */
import type { BenchReport } from './bench';
import type { AgainstBare } from './support/against-bare';
import { coresTable, costTable, rateTables } from './support/against-bare-report';
import type { ChangeTimes } from './support/steps';
import { median, quantile } from './support/measure';
import type { NextAtOnce } from './support/next-at-once';
import { aimLines, machine, notOnDisk, onOneServer, type Aim } from './support/report-rows';
import { figure, table } from './support/table';

export interface PlanChangeFigures extends AgainstBare<'bare' | 'full', keyof ChangeTimes, 'bare' | 'full'> {
  /** Waiting changes when all asked for the next one. */
  readonly changes: number;
  readonly next: NextAtOnce;
}

/** The targets. */
const AIMS = { ofBareRate: 0.8, waitMs: 1_000 };
const MAILS_A_CHANGE = 2;

export function planChangeReport(figures: PlanChangeFigures): BenchReport {
  const aims = aimsOf(figures);
  return {
    page: pageOf(figures, aims),
    figures: { bench: 'plan-change', machine, ...figures, aims },
    wrong: wrongIn(figures),
  };
}

function aimsOf({ variants: { bare, full }, next, changes }: PlanChangeFigures): Aim[] {
  const p99 = quantile(next.givenMs, 0.99);
  return [
    {
      aim: `changes a second: at least ${AIMS.ofBareRate} of the bare rate`,
      measured: `${(full.rate / bare.rate).toFixed(2)} (${figure(full.rate)} to ${figure(bare.rate)})`,
      met: full.rate >= AIMS.ofBareRate * bare.rate,
    },
    {
      aim: `${next.representatives} ask for the next one at once: no change given twice`,
      measured: `${next.givenTwice} of ${changes}`,
      met: next.givenTwice === 0,
    },
    {
      aim: `no wait over ${AIMS.waitMs} ms at the 99th percentile`,
      measured: `${figure(p99)} ms (median ${figure(median(next.givenMs))}, worst ${figure(Math.max(...next.givenMs))})`,
      met: p99 <= AIMS.waitMs,
    },
  ];
}

function wrongIn({ next, changes, notices, flows, alone }: PlanChangeFigures): string | undefined {
  if (next.givenTwice > 0) return `${next.givenTwice} changes were given twice`;
  if (next.given !== changes) return `${changes - next.given} of ${changes} changes were given to nobody`;
  const due = MAILS_A_CHANGE * (flows + alone);
  return notices === due ? undefined : `${notices} emails came of ${due}`;
}

function pageOf(figures: PlanChangeFigures, aims: readonly Aim[]): string {
  const { variants, costs, next, flows, alone, changes, notices, inMemory, temporalServer } = figures;
  const columns = [
    { title: 'bare flow', summary: variants.bare },
    { title: 'plan change', summary: variants.full },
  ];
  const asking = `${next.representatives} asking`;
  const parts = [
    `Plan changes over HTTP beside the bare Temporal flow, ${onOneServer}, Temporal server ${temporalServer}`,
    ...rateTables(figures, { flow: 'change', steps }, columns, { drained: true }),
    'Bare: a run that is started, gets a signal, and an update that finishes it, with as many local activities as the product, which do ' +
      'nothing; two of them, after the answer, stand for the two emails. So both have the same messages. ' +
      `No HTTP, no database, no email, no search attributes. ${notices} emails came of ${flows + alone} changes.`,
    costTable('change', {
      'bare flow': (of, hurried) => of(costs[`bare${hurried}`]),
      'plan change, with both emails': (of, hurried) => of(costs[`full${hurried}`]),
    }),
    coresTable('change', [...columns, { title: asking, summary: usedBy(next) }]),
    table(
      [`${next.representatives} representatives ask at once`, 'answers', 'median ms', 'p99', 'worst'],
      [
        ['a change', ...waits(next.givenMs)],
        ['none waits', ...waits(next.noneMs)],
      ],
    ),
    `Of ${changes} changes that waited ${next.given} were given, ${next.givenTwice} of them twice, in ${figure(next.wallMs / 1000, 1)} s: ` +
      `${figure((next.givenMs.length / next.wallMs) * 1000)} a second. Each representative asked again at once, and completed nothing.` +
      notOnDisk(inMemory),
    aimLines(aims),
  ];
  return parts.join('\n\n');
}

function usedBy({ cpu, wallMs, given }: NextAtOnce) {
  const per = (count: number) =>
    Object.fromEntries(Object.entries(cpu).map(([name, seconds]) => [name, (seconds * 1000) / count]));
  return { cores: per(wallMs), cpuMsAFlow: per(given) };
}

const waits = (timesMs: readonly number[]): string[] => [
  String(timesMs.length),
  figure(median(timesMs)),
  figure(quantile(timesMs, 0.99)),
  timesMs.length === 0 ? '-' : figure(Math.max(...timesMs)),
];

const steps = [
  ['intake / start, median / p99 ms', 'intake'],
  ['  next / signal', 'next'],
  ['  complete / update', 'complete'],
  ['  intake to decision', 'whole'],
] as const;
