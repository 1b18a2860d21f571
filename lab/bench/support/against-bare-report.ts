/** What the pages of the benches that compare a flow with the bare one have in common. */
import type { RunCost } from './histories';
import { processTitles } from './report-rows';
import type { Summary } from './rounds';
import { figure, table } from './table';

/** A column of the page. The first one is the bare flow, the last one the product, shown relative to it. */
export interface Column<Step extends string> {
  readonly title: string;
  readonly summary: Summary<Step>;
}

export interface Titles<Step extends string> {
  /** The name of one flow: `change`. */
  readonly flow: string;
  readonly steps: readonly (readonly [title: string, step: Step])[];
}

/** Rate and steps of concurrent flows, and the steps of single ones. `drained`: until the emails are out, too. */
export function rateTables<Step extends string>(
  { flows, alone, atATime }: { readonly flows: number; readonly alone: number; readonly atATime: number },
  { flow, steps }: Titles<Step>,
  columns: readonly Column<Step>[],
  { drained = false } = {},
): [busy: string, alone: string] {
  const summaries = columns.map(({ summary }) => summary);
  const header = (title: string): string[] => [title, ...columns.map((column) => column.title), 'of bare'];
  const ratio = (of: (summary: Summary<Step>) => number): string =>
    (of(summaries.at(-1)!) / of(summaries[0]!)).toFixed(2);
  const row = (title: string, of: (summary: Summary<Step>) => number): string[] => [
    title,
    ...summaries.map((summary) => figure(of(summary), 1)),
    ratio(of),
  ];
  const times = (part: 'busy' | 'alone'): string[][] =>
    steps.map(([title, step]) => [
      title,
      ...summaries.map(
        (summary) => `${figure(summary[part][step].median)} / ${figure(summary[part][step].p99)}`,
      ),
      ratio((summary) => summary[part][step].median),
    ]);
  return [
    table(header(`${flows} ${flow}s, ${atATime} at a time`), [
      row(`${flow}s a second`, ({ rate }) => rate),
      ['  each round', ...summaries.map(({ rates }) => rates.map((rate) => figure(rate, 1)).join(' ')), ''],
      ...(drained ? [row('  until the emails are out too', ({ drainedRate }) => drainedRate)] : []),
      ...times('busy'),
    ]),
    alone === 0 ? '' : table(header(`${alone} ${flow}s, alone`), times('alone')),
  ];
}

type CostOf = (cost: RunCost) => number;

/** What one flow costs Temporal. Each column selects its figure of a row, from runs at full speed or not. */
export function costTable(
  flow: string,
  columns: Readonly<Record<string, (of: CostOf, hurried: '' | 'Hurried') => number>>,
): string {
  return table(
    [`What a ${flow} costs Temporal`, ...Object.keys(columns)],
    costRows.map(([title, of, hurried]) => [
      title,
      ...Object.values(columns).map((column) => String(column(of, hurried))),
    ]),
  );
}

const costRows: readonly (readonly [title: string, of: CostOf, hurried: '' | 'Hurried'])[] = [
  ["events, median, at a person's pace", ({ events }) => events, ''],
  ['  workflow tasks', ({ workflowTasks }) => workflowTasks, ''],
  ['  activities', ({ activities }) => activities, ''],
  ['  local activities', ({ localActivities }) => localActivities, ''],
  ['events, median, in a hurry', ({ events }) => events, 'Hurried'],
  ['  workflow tasks', ({ workflowTasks }) => workflowTasks, 'Hurried'],
];

/** What each process used: of a core, and CPU time for one flow. The last column has all processes. */
export function coresTable(
  flow: string,
  columns: readonly {
    readonly title: string;
    readonly summary: Pick<Summary<string>, 'cores' | 'cpuMsAFlow'>;
  }[],
): string {
  return table(
    [`Cores used / CPU ms a ${flow}`, ...columns.map(({ title }) => title)],
    Object.keys(columns.at(-1)!.summary.cores).map((name) => [
      processTitles[name] ?? name,
      ...columns.map(({ summary: { cores, cpuMsAFlow } }) =>
        name in cores ? `${figure(cores[name]!, 2)} / ${figure(cpuMsAFlow[name]!)}` : '',
      ),
    ]),
  );
}

/** `API 210 MB, worker 430 MB`. */
export const memoryOf = ({ memoryMb }: Pick<Summary<string>, 'memoryMb'>): string =>
  Object.entries(memoryMb)
    .map(([name, mb]) => `${name} ${figure(mb, 0)} MB`)
    .join(', ');
