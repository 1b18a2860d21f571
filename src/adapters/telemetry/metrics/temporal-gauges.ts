/** Gauges read from Temporal on each scrape. Every API process reports the same values: take the maximum, not the sum. */
import type { Client, Connection } from '@temporalio/client';
import { Gauge, type Registry } from 'prom-client';
import { createReading } from './reading';

export interface TemporalGaugesDeps {
  readonly client: Client;
  readonly connection: Connection;
  readonly taskQueue: string;
  /** How long Temporal's answer is cached, in milliseconds. */
  readonly keepMs?: number;
}

const KEEP_MS = 30_000;
const WITHIN_MS = 3_000;

/** Has no value while Temporal is unavailable, or does not report run problems (servers before 1.29). */
export function addTemporalGauges(
  registry: Registry,
  { client, connection, taskQueue, keepMs = KEEP_MS }: TemporalGaugesDeps,
): void {
  const query = `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running' AND TemporalReportedProblems IS NOT NULL`;
  const stuck = createReading(
    () => connection.withDeadline(Date.now() + WITHIN_MS, () => client.workflow.count(query)),
    { keepMs, withinMs: WITHIN_MS },
  );
  registry.registerMetric(
    new Gauge({
      name: 'tenure_runs_stuck',
      help: 'Open runs whose last workflow tasks all failed: they cannot go on.',
      registers: [],
      async collect() {
        const found = await stuck();
        if (found === undefined) this.remove();
        else this.set(found.count);
      },
    }),
  );
}
