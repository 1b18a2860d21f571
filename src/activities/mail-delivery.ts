/**
 * How every email is sent (docs/architecture.md, "Mail").
 * - A settled email is not sent again; the ledger records this.
 * - Its Message-ID is the ledger's id: if a crash causes a duplicate, mail programs show it once.
 * - Transient failures are retried with growing delays; a permanent refusal by the server ends it.
 * - Nothing is sent that is no longer true: this is checked again once a connection is ready.
 * - One attempt at a time: how it ends is in mail-attempt.ts.
 * - Outcomes and durations are counted by kind, at the worker's METRICS_ADDRESS.
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
import type { MailTurns } from './mail-turns';
import type { Addressee, Email, LedgerEntry, Mailer, MailLedger, WrittenEmail } from '../ports/mail';

export interface MailDeliveryDeps {
  readonly ledger: MailLedger;
  readonly mailer: Mailer;
  readonly inTurn: MailTurns;
  readonly clock: () => number;
  /** Number in [0, 1). */
  readonly random: () => number;
}

/** An email and when it was requested: the PIN was generated, the notice announced, the reminder due. */
export interface MailRequest {
  readonly entry: LedgerEntry;
  readonly askedAtMs: number;
}

export interface Letter {
  readonly recipient: Addressee;
  readonly content: WrittenEmail;
}

/** What was checked less than this long ago is not checked again. */
const FRESH_FOR_MS = 1_000;

/**
 * Sends `letter` under the ledger's `entry`. `rewrite` returns it as it is true now, or null if it is no longer true.
 * Throws a retryable `MailUnavailable` failure, with its own next delay, if it may be sent later, and `CancelledFailure` if
 * it is no longer needed.
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
  // Two machines' clocks differ: a negative time counts as zero.
  secondsToAcceptance().record(Math.max(0, clock() - askedAtMs) / 1000, { kind });
  return settle('delivered');

  async function renew(email: Email): Promise<Email | null> {
    if (!isDue()) return null;
    if (clock() < writtenAtMs + FRESH_FOR_MS) return email;
    try {
      // A worker that was frozen, or cut off from Temporal, may return after another one has taken over.
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

/** A code such as ECONNREFUSED or 451 is enough; a message might contain an address. */
function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? String(code) : 'no code';
}
