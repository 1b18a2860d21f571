import { DefaultLogger, type Logger as SdkLogger } from '@temporalio/worker';
import type { Logger } from 'pino';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** The mail queue's worker has no workflows on purpose, so this is no warning. */
const NO_WORKFLOWS = 'No workflows registered, not polling for workflow tasks';

/** Converts the SDK's log lines to ours: its fields are ids and type names, and an error is logged only by name and type. */
export function temporalLogger(logger: Logger): SdkLogger {
  return new DefaultLogger(
    logger.isLevelEnabled('debug') ? 'DEBUG' : 'WARN',
    ({ level, message, meta: { error, sdkComponent, workflowId, runId, activityType, attempt } = {} }) => {
      const fields = { sdkComponent, workflowId, runId, activityType, attempt, error: nameOf(error) };
      logger[message === NO_WORKFLOWS ? 'debug' : levels[level]](fields, message);
    },
  );
}

function nameOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'type' in error && typeof error.type === 'string' ? `${error.name}: ${error.type}` : error.name;
}
