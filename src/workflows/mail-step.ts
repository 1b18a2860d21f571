/** Options of every step that sends an email. */
import { workflowInfo, type ActivityOptions } from '@temporalio/workflow';
import { mailQueue } from '../contracts/task-queue';
import { MINUTE_MS } from '../domain/portal';

/**
 * How long a step may run after its email's deadline: to get the mail server's answer to a message handed over just before, and to record
 * that the email is outdated.
 */
export const MAIL_AFTERMATH_MS = 15 * MINUTE_MS;

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
