/** The figures of the plan change bench as a page, held against what the spec asks for. */
import { cpus } from 'node:os';
import type { BenchReport } from './bench';
import type { ChangeSteps } from './support/change-steps';
import type { RunCost } from './support/histories';
import { median, quantile } from './support/measure';
import type { NextAtOnce } from './support/next-at-once';
import { costRows, processTitles } from './support/report-rows';
import type { Summary as SummaryOf } from './support/rounds';
import { figure, table } from './support/table';

type Summary = SummaryOf<keyof ChangeSteps>;
type CostOf = 'bare' | 'bareMail' | 'full' | 'fullMail';

export interface PlanChangeFigures {
  readonly atATime: number;
  readonly flows: number;
  readonly alone: number;
  /** Changes that waited when all asked for the next one. */
  readonly changes: number;
  readonly inMemory: boolean;
  readonly variants: Readonly<Record<'bare' | 'full', Summary>>;
  /** Emails of the flows whose rate was measured and of those alone. */
  readonly mails: number;
  /** Of runs at a person's pace, and of those whose rate was measured. */
  readonly costs: Readonly<Record<CostOf | `${CostOf}Hurried`, RunCost>>;
  readonly next: NextAtOnce;
}

/** Spec.md, "Benches". */
const AIMS = { ofBareRate: 0.8, waitMs: 1_000 };
const MAILS_A_CHANGE = 2;

interface Aim {
  readonly aim: string;
  readonly measured: string;
  readonly met: boolean;
}

export function planChangeReport(figures: PlanChangeFigures): BenchReport {
  const aims = aimsOf(figures);
  const machine = { cores: cpus().length, node: process.versions.node, platform: process.platform };
  return {
    page: pageOf(figures, aims, machine),
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

function wrongIn({ next, changes, mails, flows, alone }: PlanChangeFigures): string | undefined {
  if (next.givenTwice > 0) return `${next.givenTwice} changes were given twice`;
  if (next.given !== changes) return `${changes - next.given} of ${changes} changes were given to nobody`;
  const due = MAILS_A_CHANGE * (flows + alone);
  return mails === due ? undefined : `${mails} emails came of ${due}`;
}

function pageOf(
  figures: PlanChangeFigures,
  aims: readonly Aim[],
  { cores, node }: { readonly cores: number; readonly node: string },
): string {
  const { variants, costs, next, atATime, flows, alone, changes, mails, inMemory } = figures;
  const { bare, full } = variants;
  const columns = [bare, full];
  const header = (title: string) => [title, 'bare flow', 'plan change', 'of bare'];
  const ratio = (of: (summary: Summary) => number) => (of(full) / of(bare)).toFixed(2);
  const times = (part: 'busy' | 'alone') =>
    steps.map(([title, step]) => [
      title,
      ...columns.map(
        (summary) => `${figure(summary[part][step].median)} / ${figure(summary[part][step].p99)}`,
      ),
      ratio((summary) => summary[part][step].median),
    ]);
  const cost = (what: 'bare' | 'full', of: (cost: RunCost) => number, hurried: boolean) => {
    const own = of(costs[hurried ? (`${what}Hurried` as const) : what]);
    return [
      own,
      own + MAILS_A_CHANGE * of(costs[hurried ? (`${what}MailHurried` as const) : (`${what}Mail` as const)]),
    ];
  };

  const parts = [
    `Plan changes over HTTP beside the bare Temporal flow, on one server (${cores} cores, Node ${node})`,
    table(header(`${flows} changes, ${atATime} at a time`), [
      ['changes a second', ...columns.map(({ rate }) => figure(rate, 1)), ratio(({ rate }) => rate)],
      ['  each round', ...columns.map(({ rates }) => rates.map((rate) => figure(rate, 1)).join(' ')), ''],
      [
        '  until the emails are out too',
        ...columns.map(({ drainedRate }) => figure(drainedRate, 1)),
        ratio(({ drainedRate }) => drainedRate),
      ],
      ...times('busy'),
    ]),
    table(header(`${alone} changes, alone`), times('alone')),
    'Bare: a run that is started, gets a signal, and an update that finishes it, with as many local activities as the product, which do ' +
      'nothing; its last one starts two runs (eagerly, as the product does) that do one local activity each and stand for the two emails. ' +
      `So both have the same messages and runs. No HTTP, no database, no email, no search attributes. ${mails} emails came of ${flows + alone} changes.`,
    table(
      ['What a change costs Temporal', 'bare flow', 'with both mails', 'plan change', 'with both emails'],
      costRows.map(([title, of, hurried]) => [
        title,
        ...cost('bare', of, hurried === true).map(String),
        ...cost('full', of, hurried === true).map(String),
      ]),
    ),
    table(
      ['Cores used / CPU ms a change', 'bare flow', 'plan change', `${next.representatives} asking`],
      Object.keys(full.cores).map((name) => [
        processTitles[name] ?? name,
        ...columns.map(({ cores: used, cpuMsAFlow }) =>
          name in used ? `${figure(used[name]!, 2)} / ${figure(cpuMsAFlow[name]!)}` : '',
        ),
        `${figure(coresOf(next, name), 2)} / ${figure(((next.cpu[name] ?? Number.NaN) * 1000) / next.given)}`,
      ]),
    ),
    table(
      [`${next.representatives} representatives ask at once`, 'answers', 'median ms', 'p99', 'worst'],
      [
        ['a change', ...waits(next.givenMs)],
        ['none waits', ...waits(next.noneMs)],
      ],
    ),
    `Of ${changes} changes that waited ${next.given} were given, ${next.givenTwice} of them twice, in ${figure(next.wallMs / 1000, 1)} s: ` +
      `${figure((next.givenMs.length / next.wallMs) * 1000)} a second. Each representative asked again at once, and completed nothing.` +
      (inMemory ? ' The files were in memory: nothing waited for a disk.' : ''),
    aims.map(({ aim, measured, met }) => `${met ? 'met    ' : 'NOT MET'}  ${aim}: ${measured}`).join('\n'),
  ];
  return parts.join('\n\n');
}

const coresOf = ({ cpu, wallMs }: NextAtOnce, name: string): number =>
  ((cpu[name] ?? Number.NaN) * 1000) / wallMs;

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
