/** What runs cost Temporal, from their histories. */
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { median } from './measure';

const { EventType } = temporal.api.enums.v1;

export interface RunCost {
  readonly runs: number;
  /** Medians of one run. */
  readonly events: number;
  readonly workflowTasks: number;
  readonly activities: number;
  readonly localActivities: number;
  /** The run with the most events. */
  readonly mostEvents: number;
  /** Events of each type, on average of a run. */
  readonly eventsByType: Readonly<Record<string, number>>;
}

/** The cost of the completed runs of a type that were started between two moments, at most `howMany`. */
export async function costOfRuns(
  client: Client,
  workflowType: string,
  [from, to]: readonly [from: Date, to: Date],
  howMany: number,
): Promise<RunCost> {
  const query =
    `WorkflowType = '${workflowType}' AND ExecutionStatus = 'Completed' ` +
    `AND StartTime BETWEEN '${from.toISOString()}' AND '${to.toISOString()}'`;
  const perRun: Record<string, number>[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query, pageSize: howMany })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    perRun.push(countByType(events?.map(({ eventType }) => eventType) ?? []));
    if (perRun.length >= howMany) break;
  }
  const of = (type: string) => median(perRun.map((counts) => counts[type] ?? 0));
  const sizes = perRun.map((counts) => sum(Object.values(counts)));
  return {
    runs: perRun.length,
    events: median(sizes),
    workflowTasks: of('WORKFLOW_TASK_COMPLETED'),
    activities: of('ACTIVITY_TASK_SCHEDULED'),
    localActivities: of('MARKER_RECORDED'),
    mostEvents: Math.max(...sizes),
    eventsByType: averages(perRun),
  };
}

/** How many runs of a type are open. */
export async function openRuns(client: Client, workflowType: string): Promise<number> {
  const { count } = await client.workflow.count(
    `WorkflowType = '${workflowType}' AND ExecutionStatus = 'Running'`,
  );
  return count;
}

function countByType(types: readonly (number | null | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const type of types) {
    const name = (EventType[type ?? 0] ?? 'UNKNOWN').replace('EVENT_TYPE_', '');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function averages(perRun: readonly Record<string, number>[]): Record<string, number> {
  const names = new Set(perRun.flatMap((counts) => Object.keys(counts)));
  const average = (name: string) => sum(perRun.map((counts) => counts[name] ?? 0)) / perRun.length;
  return Object.fromEntries([...names].map((name) => [name, Number(average(name).toFixed(2))]));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
