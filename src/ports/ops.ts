/** What operators look up and do. */
import type { RunStatus } from '../contracts/run-status';
import type { AuditAction } from '../contracts/audit';
import type { DeliverNoticeInput, MailKind, MailOutcome } from '../contracts/notice';
import type { Portal } from '../domain/portal';
import type { RecordedDecision } from './agent-of-record';

/** A search for runs; all given criteria must match. */
export interface RunFilter {
  readonly portal?: Portal | undefined;
  readonly stage?: string | undefined;
  readonly type?: string | undefined;
  readonly account?: string | undefined;
  readonly customer?: string | undefined;
  readonly outcome?: string | undefined;
}

/** A run as shown in lists, with its search attributes. */
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

/** This system's runs as Temporal lists them, and what operators do with them. Throws `UnavailableError`, except where noted. */
export interface OpsRuns {
  /** Open runs first, then closed ones, each newest first. `page` and `nextPage` are Temporal's own. */
  list(
    filter: RunFilter,
    page: string | undefined,
  ): Promise<{ readonly runs: readonly OpsRun[]; readonly nextPage: string | null }>;
  /** The newest runs that concern a person, except those of settled emails; null if Temporal is unavailable. */
  concerning(whom: Pick<RunFilter, 'account' | 'customer'>): Promise<readonly OpsRun[] | null>;
  findOpen(workflowId: string): Promise<OpsRun | null>;
  /** The newest run with that id, if it ended as cancelled. */
  findCancelled(workflowId: string): Promise<OpsRun | null>;
  /** False if there is no such run (any more). For a run that has just ended, Temporal may return either. */
  requestCancel(workflowId: string): Promise<boolean>;
  /** Whether a run is sending the email at this moment. */
  isBeingSent(email: LedgerEmail): Promise<boolean>;
  /**
   * Starts a run that sends the email again, and returns its id; null if one is already doing so.
   * `resendId` identifies the request.
   */
  resend(email: ResendableEmail, resendId: string): Promise<string | null>;
  /** The id of the run that `resend` started for this request; null if it started none. */
  findResend(email: LedgerEmail, resendId: string): Promise<string | null>;
}

/** A row of the send ledger. */
export interface LedgerEmail {
  readonly messageId: string;
  readonly kind: MailKind;
  readonly accountId: string | null;
  readonly reference: string;
  readonly status: MailOutcome | 'pending';
  /** How often an operator sent it again. */
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

/** Everything on record about a person, newest first; entries of the same moment by descending `id`. */
export interface Timelines {
  /** Audit log, emails, and decisions about the account's agent; null if there is no such account. */
  ofAccount(accountId: string, page: TimelinePage): Promise<readonly TimelineRecord[] | null>;
  /** Plan changes: audit log, emails and decisions; null if there is no such customer. */
  ofCustomer(customerId: string, page: TimelinePage): Promise<readonly TimelineRecord[] | null>;
}

export interface TimelinePage {
  /** Only entries after this position. */
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

/** A settled email, or a pending one at its first attempt. */
export interface EmailFact extends Omit<LedgerEmail, 'accountId' | 'reference'> {
  readonly source: 'email';
  readonly attempts: number;
  readonly smtpCode: number | null;
  /** Of a PIN or code that was pending when a newer one replaced it. */
  readonly replaced: boolean;
}

export interface DecisionFact extends Pick<
  RecordedDecision,
  'planChangeId' | 'outcome' | 'reason' | 'effectiveOn' | 'commissionContinues' | 'agentNumber'
> {
  readonly source: 'decision';
  readonly customerId: string;
  readonly previousNumber: string | null;
  /** The effect on the agent whose timeline it is; null in a customer's timeline. */
  readonly role: 'kept' | 'gained' | 'lost' | null;
}
