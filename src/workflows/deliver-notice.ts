import { isCancellation, proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { DeliverNoticeInput, DeliverNoticeResult, NoticeActivities } from '../contracts/notice';
import { markOutcome, showDetails } from './run-details';

/** So long after its end an attempt may still run, to write down that the email came too late. */
const AFTERMATH_MS = 60_000;

/** Nearly every notice goes out at the first attempt. As a local activity that costs a third of an ordinary one's events. */
const atOnce = proxyLocalActivities<NoticeActivities>({
  startToCloseTimeout: '5s',
  retry: { maximumAttempts: 1 },
});

/**
 * Carries one email of the ledger until the mail server took it, refused it for good, or it would no longer be true.
 * Ends as `delivered`, `refused` or `outdated`.
 */
export async function deliverNotice(input: DeliverNoticeInput): Promise<DeliverNoticeResult> {
  const patiently = proxyActivities<NoticeActivities>({
    startToCloseTimeout: '40s',
    scheduleToCloseTimeout:
      Math.max(1, input.validUntilMs - workflowInfo().startTime.getTime()) + AFTERMATH_MS,
    retry: { initialInterval: '1s', maximumInterval: '30s' },
    summary: input.kind,
  });
  showDetails({ stage: 'mail', waitsFor: 'the mail server to take it', untilMs: input.validUntilMs });

  const { outcome } = await atOnce.sendNotice(input).catch((error: unknown) => {
    if (isCancellation(error)) throw error;
    return patiently.sendNotice(input);
  });

  showDetails({ stage: outcome, waitsFor: 'nothing: it is over' });
  markOutcome(outcome);
  return { outcome };
}
