import { ActivityFailure, TimeoutFailure, proxyActivities, sleep } from '@temporalio/workflow';
import {
  correctionOf,
  type DeliverNoticeInput,
  type DeliverNoticeResult,
  type NoticeActivities,
} from '../contracts/notice';
import type { OfRevision } from '../contracts/run-revision';
import { OVER, WAITING_FOR_MAIL_SERVER, markStage, showDetails, type RunDetails } from './run-details';
import { mailStep, mailTimeoutMs, sendAtOnce } from './step-options';

/**
 * Sends an email of the ledger until the mail server accepts it, permanently refuses it, or it is no longer true. Outdated if no attempt
 * was made, or none reported its result, before its deadline. `changedBy`: the run that has made the change that it tells of.
 * A notice that is announced before the change is written goes to the mail queue: at once there would be nothing to tell.
 */
export async function sendNotice(
  notice: DeliverNoticeInput,
  changedBy: OfRevision = {},
): Promise<DeliverNoticeResult> {
  const activities = proxyActivities<NoticeActivities>(mailStep('notice'));
  try {
    return await sendAtOnce(changedBy, (options) => {
      const scheduleToCloseTimeout = mailTimeoutMs(notice.validUntilMs, Date.now());
      const { kind: summary } = notice;
      return activities.sendNotice.executeWithOptions({ ...options, scheduleToCloseTimeout, summary }, [
        notice,
      ]);
    });
  } catch (error) {
    if (error instanceof ActivityFailure && error.cause instanceof TimeoutFailure)
      return { outcome: 'outdated' };
    throw error;
  }
}

/** A mail server takes an email within a second, unless something is wrong. */
const MAIL_STAGE_AFTER_MS = 10_000;

/**
 * Sends the emails about how the run ended, and returns when each is delivered, refused or outdated. Until then the run's page shows
 * what it waits for; after ten seconds the run is also found under the stage `mail`. The outcome is marked at the end: the server indexes
 * a run that closes once, whatever its last task marked.
 */
export async function sendNotices(
  run: OfRevision,
  outcome: string,
  notices: readonly DeliverNoticeInput[],
  facts: RunDetails['facts'] = {},
): Promise<void> {
  const emails = Object.fromEntries(
    notices.map((notice): [string, string] => [emailName(notice), WAITING_FOR_MAIL_SERVER]),
  );
  const untilMs = Math.max(...notices.map(({ validUntilMs }) => validUntilMs));
  const waiting = { waitsFor: 'the mail server to take its emails', untilMs };
  const show = (waits: Pick<RunDetails, 'waitsFor' | 'untilMs'>): void =>
    showDetails({ stage: outcome, ...waits, facts: { ...facts, ...emails } });
  show(waiting);

  let sent = false;
  void sleep(MAIL_STAGE_AFTER_MS, { summary: 'marks that emails wait' }).then(
    () => !sent && markStage('mail'),
  );
  const results = await Promise.allSettled(
    notices.map(async (notice) => {
      emails[emailName(notice)] = (await sendNotice(notice, run)).outcome;
      show(waiting);
    }),
  );
  sent = true;
  show({ waitsFor: OVER });
  // The run fails only after the other emails have ended.
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** A correction may be told to several agents. */
function emailName({ kind, messageId }: DeliverNoticeInput): string {
  const agentKey = correctionOf(messageId)?.agentKey ?? null;
  return agentKey === null ? `Email ${kind}` : `Email ${kind} to ${agentKey}`;
}
