/** The checks behind `/readyz`. */
import type { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { ReadinessChecks } from '../../ports/request';
import type { TemporalConfig } from '../../config';
import type { Database } from './database';
import { createReading } from '../telemetry/metrics/reading';

const WITHIN_MS = 2_000;
const KEEP_MS = 1_000;
/** A worker polls at least once a minute; the server forgets a poller that is silent for longer. */
const POLLER_SEEN_WITHIN_MS = 90_000;

const { TASK_QUEUE_TYPE_WORKFLOW } = temporal.api.enums.v1.TaskQueueType;

/**
 * Each check answers within two seconds and never throws. Results are cached for a second and concurrent calls share one check,
 * so that each system is asked at most once a second.
 */
export function createReadinessChecks(
  database: Pick<Database, '$queryRaw'>,
  connection: Pick<Connection, 'withDeadline' | 'workflowService'>,
  { namespace, taskQueue }: Pick<TemporalConfig, 'namespace' | 'taskQueue'>,
): ReadinessChecks {
  return {
    database: holds(() => database.$queryRaw`SELECT 1`.then(() => true)),
    temporal: holds(() =>
      atTemporal(() => connection.workflowService.describeNamespace({ namespace })).then(() => true),
    ),
    worker: holds(() =>
      atTemporal(() =>
        connection.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name: taskQueue },
          taskQueueType: TASK_QUEUE_TYPE_WORKFLOW,
        }),
      ).then(({ pollers }) => pollers.some(({ lastAccessTime }) => isRecent(lastAccessTime))),
    ),
  };

  function atTemporal<T>(call: () => Promise<T>): Promise<T> {
    return connection.withDeadline(Date.now() + WITHIN_MS, call);
  }
}

/** False if a check fails or takes too long. */
function holds(check: () => Promise<boolean>): () => Promise<boolean> {
  const reading = createReading(check, { keepMs: KEEP_MS, withinMs: WITHIN_MS });
  return async () => (await reading()) ?? false;
}

const isRecent = (time: { readonly seconds?: { toNumber(): number } | null } | null | undefined): boolean =>
  (time?.seconds?.toNumber() ?? 0) * 1000 > Date.now() - POLLER_SEEN_WITHIN_MS;
