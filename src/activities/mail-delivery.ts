/**
 * How every email goes out (architecture.md, decision 8).
 * - Settled once, it is not sent again; the ledger remembers.
 * - Its Message-ID is the ledger's id: should it go out twice after a crash, mail programs show it once.
 * - What may pass is tried again, later and later; what the server refuses for good ends it.
 * - Nothing goes out that is no longer true.
 * - What became of it, and how long it took, is counted by kind, at the worker's METRICS_ADDRESS.
 */
import { metricMeter } from '@temporalio/activity';
import { ApplicationFailure, type MetricCounter, type MetricHistogram } from '@temporalio/common';
import { FAILURE_TYPES } from '../contracts/failures';
import type { MailOutcome } from '../contracts/notice';
import { mailRetryDelayMs } from '../domain/mail-retry';
import type { Addressee, Email, LedgerEntry, MailLedger, Mailer } from './ports';

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

/** Sends `content` under the ledger's `entry`. Throws a retryable `MailUnavailable` failure, with its own next delay, when it may go later. */
export async function deliverMail(
  { ledger, mailer, clock, random }: MailDeliveryDeps,
  { entry, askedAtMs }: MailRequest,
  recipient: Addressee,
  content: Pick<Email, 'subject' | 'text' | 'html'>,
  attempt: number,
): Promise<MailOutcome> {
  const settled = await ledger.begin(entry);
  if (settled) return settled;
  if (clock() >= entry.validUntilMs) {
    await ledger.settle(entry.messageId, 'outdated');
    countSettled(entry, 'outdated');
    return 'outdated';
  }

  const email = { ...content, messageId: entry.messageId, to: recipient.email, language: recipient.language };
  const result = await mailer.send(email).catch((error: unknown) => {
    failedAttempts().add(1, { kind: entry.kind });
    throw ApplicationFailure.create({
      type: FAILURE_TYPES.mailUnavailable,
      message: `the mail server did not take it (${errorCode(error)}); it will be tried again`,
      nextRetryDelay: mailRetryDelayMs(attempt, random()),
    });
  });

  if (result.kind === 'refused') {
    await ledger.settle(entry.messageId, 'refused', result.smtpCode);
    countSettled(entry, 'refused');
    return 'refused';
  }
  // The clocks of two machines differ: less than nothing is nothing.
  secondsToAcceptance().record(Math.max(0, clock() - askedAtMs) / 1000, { kind: entry.kind });
  await ledger.settle(entry.messageId, 'delivered');
  countSettled(entry, 'delivered');
  return 'delivered';
}

function countSettled({ kind }: LedgerEntry, outcome: MailOutcome): void {
  metricMeter
    .createCounter(
      'tenure_emails_settled_total',
      undefined,
      'Emails whose end is known, by kind and outcome.',
    )
    .add(1, { kind, outcome });
}

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
