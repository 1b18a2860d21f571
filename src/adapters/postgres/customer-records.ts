/** All that is on record of customers, for those who check or explain it. Days are `YYYY-MM-DD`. */
import type { ReversalReason } from '../../domain/plan-change/corrections';
import type { CustomerRecord } from '../../domain/plan-change/customer-record';
import type { Statements } from './database';
import { day, epochMs } from './epoch';
import { Prisma } from '../generated/client';
import { query, type Columns } from './query';

export interface CustomerOnRecord extends CustomerRecord {
  readonly customerId: string;
}

export const recordColumns: Columns<CustomerOnRecord> = {
  customerId: 'string',
  versions: 'json',
  enrolments: 'json',
  agentsOfRecord: 'json',
  decisions: 'json',
  changes: 'json',
  corrections: 'json',
};

/** Null: there is no such customer. */
export async function findCustomerRecord(
  statements: Statements,
  customerId: string,
): Promise<CustomerOnRecord | null> {
  const [record] = await query<CustomerOnRecord>(statements, recordColumns)`
    ${customerRecords()} WHERE c.customer_id = ${customerId}`;
  return record ?? null;
}

/** Up to and including FROM: `c` is the customer. `more`: further columns, from the comma before them on. */
export const customerRecords = (more = Prisma.empty): Prisma.Sql => Prisma.sql`
  SELECT c.customer_id AS "customerId", (
    SELECT coalesce(json_agg(json_build_object(
      'version', h.version, 'knownFromMs', ${epochMs('h.known_from')}, 'previousKnownFromMs', ${epochMs('h.previous_known_from')},
      'cause', h.cause, 'planChangeId', h.plan_change_id, 'correctionId', h.correction_id, 'disenrolment', CASE WHEN h.cause = 'disenrolment' THEN
        json_build_object('enrolledFrom', ${day('h.enrolled_from')}, 'lastDay', ${day('h.last_day')}) END) ORDER BY h.version), '[]')
    FROM customer_histories h WHERE h.customer_id = c.customer_id
  ) AS versions, (
    SELECT coalesce(json_agg(json_build_object(
      'version', e.version, 'from', ${day('e.valid_from')}, 'to', ${day('e.valid_to')}, 'planId', e.plan_id)), '[]')
    FROM enrolments e WHERE e.customer_id = c.customer_id
  ) AS enrolments, (
    SELECT coalesce(json_agg(json_build_object(
      'version', a.version, 'from', ${day('a.valid_from')}, 'to', ${day('a.valid_to')}, 'agentKey', a.agent_key)), '[]')
    FROM agents_of_record a WHERE a.customer_id = c.customer_id
  ) AS "agentsOfRecord", (
    SELECT coalesce(json_agg(json_build_object(
      'planChangeId', d.plan_change_id, 'version', d.version, 'effectiveOn', ${day('d.effective_on')}, 'previousAgentKey', d.previous_agent_key,
      'decision', json_build_object('ruleVersion', d.rule_version, 'outcome', d.outcome, 'reason', d.reason, 'agentKey', d.agent_key,
        'commissionContinues', coalesce(f.continues, false)),
      'evidence', d.evidence, 'commission', CASE WHEN f.agent_key IS NOT NULL THEN
        json_build_object('agentKey', f.agent_key, 'effectiveOn', ${day('f.effective_on')}) END) ORDER BY d.version, d.effective_on), '[]')
    FROM aor_decisions d LEFT JOIN commission_facts f ON (f.plan_change_id, f.version) = (d.plan_change_id, d.version)
    WHERE d.customer_id = c.customer_id
  ) AS decisions, (
    SELECT coalesce(json_agg(json_build_object(
      'planChangeId', x.id, 'stage', x.stage, 'planId', x.plan_id, 'effectiveOn', ${day('x.effective_on')})), '[]')
    FROM plan_changes x WHERE x.customer_id = c.customer_id
  ) AS changes, (
    SELECT coalesce(json_agg(json_build_object('correctionId', k.id, 'planChangeId', k.plan_change_id, 'kind', k.kind)), '[]')
    FROM aor_corrections k WHERE k.customer_id = c.customer_id
  ) AS corrections${more}
  FROM customers c`;

/** What a customer's record is told with. */
export interface RecordNumbers {
  /** As the roster writes them, by agent key; who is on no roster any more is missing. */
  readonly agentNumbers: Readonly<Record<string, string>>;
  readonly corrections: readonly {
    readonly correctionId: string;
    readonly reason: ReversalReason | null;
    readonly apiKeyId: string;
    /** Null: a system. */
    readonly staffNumber: string | null;
  }[];
}

export async function findRecordNumbers(statements: Statements, customerId: string): Promise<RecordNumbers> {
  const [numbers] = await query<RecordNumbers>(statements, { agentNumbers: 'json', corrections: 'json' })`
    SELECT (
      SELECT coalesce(json_object_agg(g.agent_key, g.agent_number), '{}') FROM agents g WHERE g.agent_key IN (
        SELECT agent_key FROM agents_of_record WHERE customer_id = ${customerId}
        UNION SELECT agent_key FROM aor_decisions WHERE customer_id = ${customerId})
    ) AS "agentNumbers", (
      SELECT coalesce(json_agg(json_build_object('correctionId', k.id, 'reason', k.reason, 'apiKeyId', k.api_key_id,
        'staffNumber', coalesce(s.staff_number, k.staff_key))), '[]')
      FROM aor_corrections k LEFT JOIN staff s ON s.staff_key = k.staff_key WHERE k.customer_id = ${customerId}
    ) AS corrections`;
  return numbers!;
}
