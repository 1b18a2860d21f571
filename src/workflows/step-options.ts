/** How long the steps of runs may take, how often they are tried, and which build runs them. */
import type { WorkflowDefinitionOptions } from '@temporalio/common';
import { isCancellation, workflowInfo, type ActivityOptions } from '@temporalio/workflow';
import { sendsEmailsAtOnce, type OfRevision } from '../contracts/run-revision';
import { mailQueue } from '../contracts/task-queue';
import { MINUTE_MS } from '../domain/time';

/** Short, idempotent database steps that a person waits for. When the database is away for longer, the update fails and changes nothing. */
export const WAITED_FOR = {
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '60s',
  retry: { initialInterval: '200ms', maximumInterval: '5s' },
} as const satisfies ActivityOptions;

/** Steps that nobody waits for: they are retried until the database, or Temporal, is back, however long that takes. */
export const PATIENTLY = {
  startToCloseTimeout: '10s',
  retry: { initialInterval: '1s', maximumInterval: '1m' },
} as const satisfies ActivityOptions;

/**
 * How long a step may run after its email's deadline: to get the mail server's answer to a message handed over just before, and to record
 * that the email is outdated.
 */
const MAIL_AFTERMATH_MS = 15 * MINUTE_MS;

/** 1 is the highest priority, 5 the lowest, 3 the default. */
const URGENCY = { pin: 1, notice: 3, reminder: 5 } as const;

/**
 * Options of an activity that sends an email. An attempt lasts as long as SMTP requires (RFC 5321, 4.5.3.2) and ends before this
 * timeout. Heartbeats detect a dead worker, and the activity itself decides when it is retried.
 */
export function mailStep(kind: keyof typeof URGENCY) {
  return {
    taskQueue: mailQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '45m',
    heartbeatTimeout: '20s',
    retry: { initialInterval: '1s', maximumInterval: '30s' },
    priority: { priorityKey: URGENCY[kind] },
  } as const satisfies ActivityOptions;
}

/**
 * Sends an email at once, by a step on the run's own queue: the server starts it in its answer to the run's task. If that fails, the
 * mail queue's step goes on, until the email is outdated. Each `step` gets its options; runs of earlier builds have the second only.
 */
export async function sendAtOnce<Result>(
  run: OfRevision,
  step: (options: ActivityOptions) => Promise<Result>,
): Promise<Result> {
  if (sendsEmailsAtOnce(run)) {
    try {
      return await step({ taskQueue: workflowInfo().taskQueue, retry: { maximumAttempts: 1 } });
    } catch (error) {
      if (isCancellation(error)) throw error;
    }
  }
  return step({});
}

/** How long an email's step may take that begins at `nowMs`, when the email is good until `untilMs`. */
export const mailTimeoutMs = (untilMs: number, nowMs: number): number =>
  Math.max(1, untilMs - nowMs) + MAIL_AFTERMATH_MS;

/**
 * Options of a workflow whose runs are open for weeks: with versioned workers they move on to newer builds, and changes are patched in.
 * Workers without versions may not ask for it.
 */
export const movesToNewerBuilds = (): WorkflowDefinitionOptions =>
  workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior: 'AUTO_UPGRADE' } : {};
