/** Rows that the pages of several benches have in common. */
import type { RunCost } from './histories';

/** What a flow costs Temporal; `hurried`: of the flows whose rate is measured. */
export const costRows: readonly (readonly [
  title: string,
  of: (cost: RunCost) => number,
  hurried?: boolean,
])[] = [
  ["events, median, at a person's pace", ({ events }) => events],
  ['  workflow tasks', ({ workflowTasks }) => workflowTasks],
  ['  activities', ({ activities }) => activities],
  ['  local activities', ({ localActivities }) => localActivities],
  ['events, median, in a hurry', ({ events }) => events, true],
  ['  workflow tasks', ({ workflowTasks }) => workflowTasks, true],
];

/** Of processes that are not shown by their own names. */
export const processTitles: Readonly<Record<string, string>> = {
  bench: 'the bench: client, SMTP sink',
  together: 'all of these together',
  others: 'anything else on the machine',
};
