import {
  ActivityFailure,
  TimeoutFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { DeliverNoticeInput, DeliverNoticeResult, NoticeActivities } from '../contracts/notice';
import { endAs, showDetails } from './run-details';
import { mailStep, mailTimeoutMs } from './step-options';

/** The first attempt in runs of earlier builds. It sends nothing, but stays because their histories contain it. */
const { sendNotice: firstAttemptThen } = proxyLocalActivities<NoticeActivities>({
  startToCloseTimeout: '5s',
  retry: { maximumAttempts: 1 },
});

/**
 * Delivers one email of the ledger until the mail server accepts it, permanently refuses it, or it is no longer true.
 * Ends as `delivered`, `refused` or `outdated`.
 */
export async function deliverNotice(input: DeliverNoticeInput): Promise<DeliverNoticeResult> {
  const { sendNotice } = proxyActivities<NoticeActivities>({
    ...mailStep('notice'),
    scheduleToCloseTimeout: mailTimeoutMs(input.validUntilMs, workflowInfo().startTime.getTime()),
    summary: input.kind,
  });
  showDetails({ stage: 'mail', waitsFor: 'the mail server to take it', untilMs: input.validUntilMs });

  const { outcome } = await (input.revision === undefined ? sendAsBegun() : sendInTime());

  endAs(outcome);
  return { outcome };

  function sendAsBegun(): Promise<DeliverNoticeResult> {
    return firstAttemptThen(input).catch((error: unknown) => {
      if (isCancellation(error)) throw error;
      return sendInTime();
    });
  }

  /** Outdated if no attempt was made, or none reported its result, before the deadline. */
  function sendInTime(): Promise<DeliverNoticeResult> {
    return sendNotice(input).catch((error: unknown) => {
      if (error instanceof ActivityFailure && error.cause instanceof TimeoutFailure)
        return { outcome: 'outdated' };
      throw error;
    });
  }
}
