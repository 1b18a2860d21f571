/** How every step that sends an email is run. */
import { workflowInfo, type ActivityOptions } from '@temporalio/workflow';
import { mailQueue } from '../contracts/task-queue';
import { MINUTE_MS } from '../domain/portal';

/**
 * So long after an email's end its step may still run: for the mail server's answer to what it was handed just before, and to write
 * down that the email came too late.
 */
export const MAIL_AFTERMATH_MS = 15 * MINUTE_MS;

/** 1 is served first, 5 last, 3 is usual. */
const URGENCY = { pin: 1, notice: 3, reminder: 5 } as const;

/**
 * Options of an activity that sends an email. An attempt lasts as long as SMTP asks for (RFC 5321, 4.5.3.2) and ends itself before it
 * is given up here; a worker that died is noticed by its heartbeats, and the activity itself says when it is tried again.
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
