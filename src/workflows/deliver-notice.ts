import { isCancellation, proxyLocalActivities } from '@temporalio/workflow';
import type { DeliverNoticeInput, DeliverNoticeResult, NoticeActivities } from '../contracts/notice';
import { endAs, showDetails } from './run-details';
import { sendNotice } from './send-notice';

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
  showDetails({ stage: 'mail', waitsFor: 'the mail server to take it', untilMs: input.validUntilMs });

  const { outcome } = await (input.revision === undefined ? sendAsBegun() : sendNotice(input));

  endAs(outcome);
  return { outcome };

  function sendAsBegun(): Promise<DeliverNoticeResult> {
    return firstAttemptThen(input).catch((error: unknown) => {
      if (isCancellation(error)) throw error;
      return sendNotice(input);
    });
  }
}
