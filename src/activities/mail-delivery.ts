/**
 * How every email goes out (docs/architecture.md, "Mail").
 * - Settled once, it is not sent again; the ledger remembers.
 * - Its Message-ID is the ledger's id: should it go out twice after a crash, mail programs show it once.
 * - What may pass is tried again, later and later; what the server refuses for good ends it.
 * - Nothing goes out that is no longer true: that is asked again when a connection is ready for it.
 * - One attempt at a time: how it ends is in mail-attempt.ts.
 * - What became of it, and how long it took, is counted by kind, at the worker's METRICS_ADDRESS.
 */
import { activityInfo, metricMeter } from '@temporalio/activity';
import {
  ApplicationFailure,
  CancelledFailure,
  type MetricCounter,
  type MetricHistogram,
} from '@temporalio/common';
import { FAILURE_TYPES } from '../contracts/failures';
import type { MailOutcome } from '../contracts/notice';
import { mailRetryDelayMs } from '../domain/mail-retry';
import { beginAttempt } from './mail-attempt';
import type { Addressee, Email, LedgerEntry, MailLedger, Mailer } from '../ports/mail';

export interface MailDeliveryDeps {
  readonly ledger: MailLedger;
  readonly mailer: Mailer;
  readonly clock: () => number;
  /** Number in [0, 1). */
  readonly random: () => number;
}

/** What it was asked for when: the PIN was made, the notice announced, the reminder due. */
export interface MailRequest {
  readonly entry: LedgerEntry;
  readonly askedAtMs: number;
}

export interface Letter {
  readonly recipient: Addressee;
  readonly content: Pick<Email, 'subject' | 'text' | 'html'>;
}

/** What was true so long ago is not asked again. */
const FRESH_FOR_MS = 1_000;

/**
 * Sends `letter` under the ledger's `entry`; `rewrite` gives it as it is true now, or null when it is not any more. Throws a retryable
 * `MailUnavailable` failure, with its own next delay, when it may go later, and `CancelledFailure` when nobody needs it any more.
 */
export async function deliverMail(
  { ledger, mailer, clock, random }: MailDeliveryDeps,
  { entry, askedAtMs }: MailRequest,
  letter: Letter,
  rewrite: () => Promise<Letter | null>,
): Promise<MailOutcome> {
  const { messageId, kind, validUntilMs } = entry;
  const { settled, attempt } = await ledger.begin(entry);
  if (settled) return settled;
  const isDue = (): boolean => clock() < validUntilMs;
  if (!isDue()) return settle('outdated');

  const writtenAtMs = clock();
  const asEmail = ({ recipient, content }: Letter): Email => ({
    ...content,
    messageId,
    to: recipient.email,
    language: recipient.language,
  });
  let renewalFailure: unknown;
  const { stop, giveUp, end } = beginAttempt();
  const result = await mailer
    .send(asEmail(letter), { stop, giveUp, renew, isDue })
    .catch((error: unknown) => {
      if (error instanceof CancelledFailure || error === renewalFailure) throw error;
      failedAttempts().add(1, { kind });
      throw ApplicationFailure.create({
        type: FAILURE_TYPES.mailUnavailable,
        message: `the mail server did not take it (${errorCode(error)}); it will be tried again`,
        nextRetryDelay: mailRetryDelayMs(activityInfo().attempt, random()),
      });
    })
    .finally(end);

  if (result.kind === 'withdrawn') return settle('outdated');
  if (result.kind === 'refused') return settle('refused', result.smtpCode);
  // The clocks of two machines differ: less than nothing is nothing.
  secondsToAcceptance().record(Math.max(0, clock() - askedAtMs) / 1000, { kind });
  return settle('delivered');

  async function renew(email: Email): Promise<Email | null> {
    if (!isDue()) return null;
    if (clock() < writtenAtMs + FRESH_FOR_MS) return email;
    try {
      // A worker that was frozen, or cut off from Temporal, may come back when another one has taken over.
      if (!(await ledger.isCurrent(messageId, attempt))) throw ApplicationFailure.create(anotherAttempt);
      const now = await rewrite();
      return now && asEmail(now);
    } catch (error) {
      renewalFailure = error;
      throw error;
    }
  }

  async function settle(outcome: MailOutcome, smtpCode?: number): Promise<MailOutcome> {
    await ledger.settle(messageId, outcome, smtpCode);
    metricMeter
      .createCounter(
        'tenure_emails_settled_total',
        undefined,
        'Emails whose end is known, by kind and outcome.',
      )
      .add(1, { kind, outcome });
    return outcome;
  }
}

const anotherAttempt = {
  type: FAILURE_TYPES.mailUnavailable,
  message: 'another attempt was begun meanwhile; looking again how it ended',
};

const failedAttempts = (): MetricCounter =>
  metricMeter.createCounter(
    'tenure_email_failed_attempts_total',
    undefined,
    'Attempts at an email that the mail server did not take, and that are made again.',
  );

const secondsToAcceptance = (): MetricHistogram =>
  metricMeter.createHistogram(
    'tenure_email_acceptance_seconds',
    'float',
    undefined,
    'From when a PIN was made, a notice announced or a reminder due, until the mail server took the email.',
  );

/** A code such as ECONNREFUSED or 451 tells enough; a message might quote an address. */
function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? String(code) : 'no code';
}
