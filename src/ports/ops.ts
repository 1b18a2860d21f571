/** What operators look up and do. */
import type { RunStatus } from '../contracts/run-status';
import type { AuditAction } from '../contracts/audit';
import type { DeliverNoticeInput, MailKind, MailOutcome } from '../contracts/notice';
import type { Portal } from '../domain/portal';
import type { RecordedDecision } from './agent-of-record';

/** What operators look for runs by: all of what is given. */
export interface RunFilter {
  readonly portal?: Portal | undefined;
  readonly stage?: string | undefined;
  readonly type?: string | undefined;
  readonly account?: string | undefined;
  readonly customer?: string | undefined;
  readonly outcome?: string | undefined;
}

/** A run as lists show it, with its search attributes. */
export interface OpsRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly status: RunStatus;
  readonly startedAtMs: number;
  readonly closedAtMs: number | null;
  readonly portal: string | null;
  readonly stage: string | null;
  readonly account: string | null;
  readonly customer: string | null;
  readonly agent: string | null;
  readonly route: string | null;
  readonly outcome: string | null;
}

/** Runs of this system as Temporal lists them, and what operators do with them. Throws `AppError('unavailable')`, unless told otherwise. */
export interface OpsRuns {
  /** Open ones first, then closed ones, each the newest first. `page` and `nextPage` are Temporal's own. */
  list(
    filter: RunFilter,
    page: string | undefined,
  ): Promise<{ readonly runs: readonly OpsRun[]; readonly nextPage: string | null }>;
  /** The newest that concern somebody, but for emails that were settled; null when Temporal cannot answer. */
  concerning(whom: Pick<RunFilter, 'account' | 'customer'>): Promise<readonly OpsRun[] | null>;
  findOpen(workflowId: string): Promise<OpsRun | null>;
  /** The newest run of that id, when it ended as cancelled. */
  findCancelled(workflowId: string): Promise<OpsRun | null>;
  /** False when there is no such run (any more); of one that has just ended Temporal may say so or not. */
  requestCancel(workflowId: string): Promise<boolean>;
  /** Whether a run has the email in its hands just now. */
  isBeingSent(email: LedgerEmail): Promise<boolean>;
  /** Starts a run that sends the email once more, and gives its id; null when one does already. `resendId`: whose request it is. */
  resend(email: ResendableEmail, resendId: string): Promise<string | null>;
  /** The id of the run that `resend` started for this request; null when it started none. */
  findResend(email: LedgerEmail, resendId: string): Promise<string | null>;
}

/** A row of the ledger of emails. */
export interface LedgerEmail {
  readonly messageId: string;
  readonly kind: MailKind;
  readonly accountId: string | null;
  readonly reference: string;
  readonly status: MailOutcome | 'pending';
  /** How often an operator had it sent again. */
  readonly resends: number;
  readonly firstTriedAtMs: number;
  readonly validUntilMs: number;
}

export interface ResendableEmail extends LedgerEmail {
  readonly kind: DeliverNoticeInput['kind'];
}

export interface LedgerEmails {
  find(messageId: string): Promise<LedgerEmail | null>;
}

/** What is on record of somebody, in one order: the newest first, and of the same moment the highest `id` first. */
export interface Timelines {
  /** Audit log, emails, and decisions that concern the agent whose account it is; null when there is no such account. */
  ofAccount(accountId: string, page: TimelinePage): Promise<readonly TimelineRecord[] | null>;
  /** Plan changes: audit log, emails and decisions; null when there is no such customer. */
  ofCustomer(customerId: string, page: TimelinePage): Promise<readonly TimelineRecord[] | null>;
}

export interface TimelinePage {
  /** Those behind this place of the order. */
  readonly after?: { readonly atMs: number; readonly id: string } | undefined;
  readonly limit: number;
}

export interface TimelineRecord {
  readonly atMs: number;
  readonly id: string;
  readonly fact: AuditFact | EmailFact | DecisionFact;
}

export interface AuditFact {
  readonly source: 'audit';
  readonly action: AuditAction;
  readonly outcome: string;
  readonly planChangeId: string | null;
  readonly apiKeyId: string | null;
  readonly about: string | null;
  readonly reason: string | null;
  readonly operator: string | null;
}

/** An email at its end, or, while it is pending, at its first attempt. */
export interface EmailFact extends Omit<LedgerEmail, 'accountId' | 'reference'> {
  readonly source: 'email';
  readonly attempts: number;
  readonly smtpCode: number | null;
  /** A PIN's that was pending when a newer PIN took its place. */
  readonly replaced: boolean;
}

export interface DecisionFact extends Pick<
  RecordedDecision,
  'planChangeId' | 'outcome' | 'reason' | 'effectiveOn' | 'commissionContinues' | 'agentNumber'
> {
  readonly source: 'decision';
  readonly customerId: string;
  readonly previousNumber: string | null;
  /** What it did to the agent whose timeline it is; null in a customer's. */
  readonly role: 'kept' | 'gained' | 'lost' | null;
}
