/** A worker's own metrics, if METRICS_ADDRESS is set. */

/** How many runs the worker caches; NaN if unknown. */
export async function cachedRuns(metricsAddress: string): Promise<number> {
  const values = await valuesOf(metricsAddress, 'temporal_sticky_cache_size', '');
  return values.length === 0 ? Number.NaN : sum(values);
}

/** How many workflow tasks of runs of this type it has executed. */
export async function tasksExecuted(metricsAddress: string, workflowType: string): Promise<number> {
  const label = `workflow_type="${workflowType}"`;
  return sum(await valuesOf(metricsAddress, 'temporal_workflow_task_execution_latency_count', label));
}

async function valuesOf(metricsAddress: string, name: string, label: string): Promise<number[]> {
  const text = await (await fetch(`http://${metricsAddress}/metrics`)).text();
  return [...text.matchAll(/^(\w+)(?:{([^}]*)})? (\d+)/gm)]
    .filter(([, found, labels = '']) => found === name && labels.includes(label))
    .map(([, , , value]) => Number(value));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
