/**
 * Verifies what is on record of every customer, and that everybody whom it concerns was told. For a command and for the chaos suite.
 */
import {
  correctionNotices,
  decisionNotices,
  replacementNotices,
  type DeliverNoticeInput,
  type MailOutcome,
} from '../../contracts/notice';
import { alsoConcerned, concernedAgents } from '../../domain/plan-change/concerned-agents';
import { wrong, type Fault, type Wrong } from '../../domain/plan-change/faults';
import { playAgain, type PlayedVersion } from '../../domain/plan-change/played-record';
import { DAY_MS, HOUR_MS } from '../../domain/time';
import { customerRecords, recordColumns, type CustomerOnRecord } from './customer-records';
import type { Database, Statements } from './database';
import { epochMs } from './epoch';
import { Prisma } from '../generated/client';
import { query } from './query';

export interface Finding extends Fault {
  readonly customerId: string;
}

/** `under way`: it may still be sent. Refused by the mail server for good, or outdated: the ledger says so. */
type EmailState = MailOutcome | 'under way';

export interface VerifiedPage {
  readonly customers: number;
  readonly versions: number;
  readonly decisions: number;
  readonly emails: Readonly<Record<EmailState, number>>;
  /** The ids of the emails that were due. */
  readonly due: readonly string[];
  readonly findings: readonly Finding[];
}

export interface VerificationOptions {
  readonly nowMs: number;
  readonly pageSize: number;
  /** Every run has ended: no email is under way any more. Otherwise one may be until its deadline. */
  readonly isSettled?: boolean;
}

interface CustomerToVerify extends CustomerOnRecord {
  /** About their plan changes. */
  readonly emails: readonly LedgerRow[];
}

interface LedgerRow {
  readonly messageId: string;
  readonly status: MailOutcome | 'pending';
  readonly validUntilMs: number;
}

/** How long it may take to record that an email's deadline is over. */
const AFTERMATH_MS = HOUR_MS;

/** Reads only, all of it as it is at one moment, a page of customers at a time. */
export const verifyRecords = (
  database: Database,
  options: VerificationOptions,
  onPage: (page: VerifiedPage) => void,
): Promise<void> =>
  database.$transaction(
    async (transaction) => {
      await transaction.$executeRaw`SET TRANSACTION READ ONLY`;
      const statements = database.within(transaction);
      let customers = await findPage(statements, '', options.pageSize);
      for (let last = customers.at(-1); last !== undefined; last = customers.at(-1)) {
        const next = findPage(statements, last.customerId, options.pageSize);
        // Meanwhile the database reads the next ones.
        onPage(verifyPage(customers, options));
        customers = await next;
      }
      const findings = await findStrays(statements);
      onPage({ ...verifyPage([], options), findings });
    },
    { isolationLevel: 'RepeatableRead', timeout: DAY_MS },
  );

const findPage = (statements: Statements, after: string, limit: number) =>
  query<CustomerToVerify>(statements, { ...recordColumns, emails: 'json' })`
    ${customerRecords(emails)} WHERE c.customer_id > ${after} ORDER BY c.customer_id LIMIT ${limit}`;

const emails = Prisma.sql`, (
    SELECT coalesce(json_agg(json_build_object('messageId', m.id, 'status', m.status, 'validUntilMs', ${epochMs('m.valid_until')})), '[]')
    FROM plan_changes x JOIN mail_deliveries m ON m.reference = x.id::text AND m.account_id IS NULL
    WHERE x.customer_id = c.customer_id
  ) AS emails`;

/** Rows of customers who are not on record. */
async function findStrays(statements: Statements): Promise<readonly Finding[]> {
  const strays = await query(statements, { customerId: 'string' })`
    SELECT DISTINCT r.customer_id AS "customerId" FROM (
      SELECT customer_id FROM customer_histories UNION ALL SELECT customer_id FROM enrolments UNION ALL SELECT customer_id FROM agents_of_record
      UNION ALL SELECT customer_id FROM aor_decisions UNION ALL SELECT customer_id FROM aor_corrections UNION ALL SELECT customer_id FROM plan_changes
    ) r WHERE NOT EXISTS (SELECT FROM customers c WHERE c.customer_id = r.customer_id) ORDER BY 1`;
  return strays.map(({ customerId }) => ({ customerId, what: wrong('no-customer') }));
}

function verifyPage(customers: readonly CustomerToVerify[], options: VerificationOptions): VerifiedPage {
  const findings: Finding[] = [];
  const due: string[] = [];
  const states: Record<EmailState, number> = { delivered: 0, refused: 0, outdated: 0, 'under way': 0 };
  for (const customer of customers) {
    const { played, faults } = playAgain(customer);
    const { customerId } = customer;
    findings.push(...faults.map((fault) => ({ customerId, ...fault })));
    const ledger = new Map(customer.emails.map((row) => [row.messageId, row]));
    for (const version of played)
      for (const notice of noticesOf(version)) {
        due.push(notice.messageId);
        const state = stateOf(notice, ledger.get(notice.messageId), options);
        const { version: number, planChangeId } = version;
        if (typeof state === 'string') states[state] += 1;
        else findings.push({ customerId, version: number, planChangeId, what: state });
      }
  }
  const sum = (count: (customer: CustomerToVerify) => number): number =>
    customers.reduce((all, customer) => all + count(customer), 0);
  return {
    customers: customers.length,
    versions: sum(({ versions }) => versions.length),
    decisions: sum(({ decisions }) => decisions.length),
    emails: states,
    due,
    findings,
  };
}

/** Everybody who is told of a version, and how. */
function noticesOf(version: PlayedVersion): readonly DeliverNoticeInput[] {
  const { cause, correctionId, facts, history, before, knownFromMs: atMs } = version;
  const planChangeId = version.planChangeId!;
  if (cause === 'plan-change') {
    const { decided } = facts.elections.find((election) => election.planChangeId === planChangeId)!;
    const isOfNobody = decided!.evidence.original === null;
    const toldByDecision = decisionNotices(decided!.decision.outcome, planChangeId, atMs);
    return [
      ...toldByDecision.filter(({ kind }) => kind !== 'agent-of-record-lost' || !isOfNobody),
      ...replacementNotices(planChangeId, alsoConcerned(before!, history, planChangeId), atMs),
    ];
  }
  if (correctionId === null) return [];
  const agentKeys = concernedAgents(before!, history).map(({ agentKey }) => agentKey);
  return correctionNotices({ correctionId, planChangeId, agentKeys, atMs });
}

function stateOf(
  { messageId, validUntilMs }: DeliverNoticeInput,
  row: LedgerRow | undefined,
  { nowMs, isSettled = false }: VerificationOptions,
): EmailState | Wrong {
  if (row !== undefined && row.status !== 'pending') return row.status;
  const untilMs = row?.validUntilMs ?? validUntilMs;
  if (!isSettled && nowMs < untilMs + AFTERMATH_MS) return 'under way';
  return wrong(row === undefined ? 'email-missing' : 'email-without-end', { messageId });
}
