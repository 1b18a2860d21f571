/** The sweep bench's figures as a page, compared with the targets. */
import type { BenchReport } from './bench';
import type { CpuSeconds } from './support/cpu';
import type { TableReads } from './support/credentials';
import { median } from './support/measure';
import { aimLines, machine, notOnDisk, onOneServer, processTitles, type Aim } from './support/report-rows';
import { figure, table } from './support/table';

/** Many runs started, by a sweep or bare. */
export interface Phase {
  readonly title: string;
  readonly started: number;
  /** Until all were started, and until each had executed its first workflow task. */
  readonly wallMs: number;
  readonly underWayMs: number;
  /** Workflow tasks that had been executed when all were started. */
  readonly executedAtEnd: number;
  /** The share of one core that each process used until all were started. */
  readonly cores: CpuSeconds;
}

export interface BigSweep extends Phase {
  /** From then on until nothing was left to do. */
  readonly restMs: number;
  readonly reads: TableReads;
  /** Reminders sent during the sweep, and until nothing was left to do. */
  readonly mailsMeanwhile: number;
  readonly mails: number;
  /** The worker's memory: the maximum during the sweep, and at rest afterwards. */
  readonly mostMb: number;
  readonly restMb: number;
  readonly cachedRuns: number;
}

/** Sweeps of few passwords or none, one after the other. */
export interface SmallSweeps {
  readonly timesMs: readonly number[];
  readonly started: number;
  readonly reads: TableReads;
}

export interface SweepFigures {
  readonly credentials: number;
  readonly due: number;
  readonly newlyDue: number;
  readonly bareStarts: number;
  readonly startsAtOnce: number;
  readonly inMemory: boolean;
  readonly fillMs: number;
  /** Of the query for what is due. */
  readonly plan: readonly string[];
  /** Before, between and after the big sweeps. */
  readonly bares: readonly [before: Phase, between: Phase, after: Phase];
  /** Of passwords that have no reminder to send yet. */
  readonly day: BigSweep;
  /** Of passwords from all over the window. */
  readonly window: BigSweep;
  readonly small: readonly SmallSweeps[];
  readonly idle: SmallSweeps;
  readonly memory: {
    readonly idleMb: number;
    readonly afterMb: number;
    readonly temporalIdleMb: number;
    readonly temporalAfterMb: number;
  };
}

const AIMS = { ofBareRate: 0.8, newlyDueMs: 1_000, idleMs: 100 };

/** A sweep's rates relative to the bare starts on either side of it. */
interface OfBare {
  readonly started: number;
  readonly underWay: number;
}

export function sweepReport(figures: SweepFigures): BenchReport {
  const [before, between, after] = figures.bares;
  const ofBare = {
    day: compare(figures.day, [before, between]),
    window: compare(figures.window, [between, after]),
  };
  const aims = aimsOf(figures, ofBare);
  return {
    page: pageOf(figures, ofBare, aims),
    figures: { bench: 'sweep', machine, ...figures, ofBare, aims },
  };
}

const startRate = (phases: readonly Phase[]): number => rate(phases, ({ wallMs }) => wallMs);
const underWayRate = (phases: readonly Phase[]): number => rate(phases, ({ underWayMs }) => underWayMs);

function rate(phases: readonly Phase[], msOf: (phase: Phase) => number): number {
  const sum = (of: (phase: Phase) => number) => phases.reduce((total, phase) => total + of(phase), 0);
  return (sum(({ started }) => started) / sum(msOf)) * 1000;
}

function compare(sweep: Phase, bares: readonly Phase[]): OfBare {
  return {
    started: startRate([sweep]) / startRate(bares),
    underWay: underWayRate([sweep]) / underWayRate(bares),
  };
}

function aimsOf(
  { day, window, small, idle, newlyDue, due }: SweepFigures,
  ofBare: Readonly<Record<'day' | 'window', OfBare>>,
): Aim[] {
  const newlyDueMs = small.flatMap(({ timesMs }) => timesMs);
  const apart = (sweep: Phase, { started }: OfBare) =>
    `${started.toFixed(3)} (${figure(startRate([sweep]))} a second, ${figure(sweep.wallMs / 1000)} s)`;
  return [
    {
      aim: `${due} due: started at ${AIMS.ofBareRate} of the bare rate at least`,
      measured: apart(day, ofBare.day),
      met: ofBare.day.started >= AIMS.ofBareRate,
    },
    {
      aim: `the same all over the window, reminders going out meanwhile`,
      measured: apart(window, ofBare.window),
      met: ofBare.window.started >= AIMS.ofBareRate,
    },
    {
      aim: `${newlyDue} newly due: swept in under ${AIMS.newlyDueMs} ms`,
      measured: `${spread(newlyDueMs)} of ${newlyDueMs.length}`,
      met: Math.max(...newlyDueMs) < AIMS.newlyDueMs,
    },
    {
      aim: `nothing due: swept in under ${AIMS.idleMs} ms`,
      measured: `${spread(idle.timesMs)} of ${idle.timesMs.length}`,
      met: median(idle.timesMs) < AIMS.idleMs,
    },
  ];
}

const spread = (timesMs: readonly number[]): string =>
  `${figure(median(timesMs))} ms, at most ${figure(Math.max(...timesMs))}: median and maximum`;

function pageOf(
  figures: SweepFigures,
  ofBare: Readonly<Record<'day' | 'window', OfBare>>,
  aims: readonly Aim[],
): string {
  const {
    bares,
    day,
    window,
    small,
    idle,
    memory,
    plan,
    credentials,
    due,
    newlyDue,
    startsAtOnce,
    inMemory,
  } = figures;
  const [before, between, after] = bares;
  const phases: readonly (readonly [title: string, phase: Phase, of?: OfBare, alone?: boolean])[] = [
    ['bare starts', before],
    ['sweep, no reminder due yet', day, ofBare.day, true],
    ['bare starts', between],
    ['sweep, all over the window', window, ofBare.window],
    ['bare starts', after],
  ];
  const names = [...new Set(phases.flatMap(([, phase]) => Object.keys(phase.cores)))];
  const smallReads = small.map(({ reads }) => reads);
  const readsOf = (of: (reads: TableReads) => number) => [
    String(of(day.reads)),
    String(of(window.reads)),
    figure(mean(smallReads.map(of)), 0),
    figure(of(idle.reads) / idle.timesMs.length, 0),
  ];

  const parts = [
    `Sweeps of ${credentials} passwords beside bare starts of a one-timer workflow, ${onOneServer}`,
    table(
      [
        `${startsAtOnce} at once`,
        'runs',
        'seconds',
        'a second',
        'of bare',
        'first task done, a second',
        'of bare',
      ],
      phases.map(([title, phase, of, alone]) => [
        title,
        String(phase.started),
        figure(phase.wallMs / 1000, 1),
        figure(startRate([phase]), 1),
        of?.started.toFixed(2) ?? '',
        of && !alone ? '' : figure(underWayRate([phase]), 1),
        of && alone ? of.underWay.toFixed(2) : '',
      ]),
    ),
    'Bare: from the bench, by an ordinary client, without search attributes or summary, not started eagerly, the first task executed by ' +
      'a worker process of its own; held against a sweep are those before and after it. "First task done" is the rate until each run has ' +
      `executed its first workflow task: when the last bare run was started, ${percent(before)} of them had, and of a sweep's ${percent(day)}.`,
    table(
      ['Cores used until all were started', ...phases.map(([title]) => title.replace(/,.*/, ''))],
      names.map((name) => [
        titles[name] ?? name,
        ...phases.map(([, phase]) => (name in phase.cores ? figure(phase.cores[name]!, 2) : '')),
      ]),
    ),
    table(
      [
        'Rows read of credentials, a sweep',
        `${due} due`,
        'all over the window',
        `${newlyDue} due`,
        'nothing due',
      ],
      [
        [
          'entries of the index of passwords without a run',
          ...readsOf(({ dueIndexEntries }) => dueIndexEntries),
        ],
        ['rows found by any index', ...readsOf(({ rowsByIndex }) => rowsByIndex)],
        ['rows read by scanning the table', ...readsOf(({ rowsByScan }) => rowsByScan)],
      ],
    ),
    `The plan of the query for what is due: ${plan.join(', ')}. Found by any index are also the rows that are marked as started, and ` +
      'what reminders look up.',
    `Of the runs all over the window, ${window.mailsMeanwhile} reminders went out while it swept and ${window.mails} in all ` +
      `(${day.mails} of those with no reminder due yet); outside the portal's hours they wait for the morning. ` +
      `After the last start ${figure(day.restMs / 1000)} s and ${figure(window.restMs / 1000)} s went by until nothing was left to do.`,
    `Memory of the worker: ${figure(memory.idleMb)} MB idle, at most ${figure(day.mostMb)} MB and ${figure(window.mostMb)} MB in the two ` +
      `sweeps, ${figure(day.restMb)} MB and ${figure(window.restMb)} MB at rest after them with ${figure(window.cachedRuns)} runs in its cache, ` +
      `${figure(memory.afterMb)} MB in the end. Temporal: ${figure(memory.temporalIdleMb)} MB before, ${figure(memory.temporalAfterMb)} MB after.` +
      notOnDisk(inMemory),
    aimLines(aims),
  ];
  return parts.join('\n\n');
}

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((total, each) => total + each, 0) / numbers.length;

const percent = ({ executedAtEnd, started }: Phase): string =>
  `${((executedAtEnd / started) * 100).toFixed(0)}%`;

const titles: Readonly<Record<string, string>> = { ...processTitles, worker: 'the worker of the runs' };
