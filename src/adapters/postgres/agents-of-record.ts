/** Past, current and future agents of record, and the evidence of each decision. Days are `YYYY-MM-DD`. */
import type {
  AgentsCustomers,
  AgentsOfRecord,
  CustomersAgentOfRecord,
  RecordedDecision,
} from '../../ports/agent-of-record';
import { day, epochMs, timestamp } from './epoch';
import type { Database } from './database';
import { Prisma } from '../generated/client';
import { query, type Columns } from './query';

export function createAgentsOfRecord(prisma: Database): AgentsOfRecord {
  return {
    async ofCustomer(customerId) {
      const [customer, history, decisions] = await Promise.all([
        prisma.customer.findFirst({ where: { customerId }, select: { customerId: true } }),
        query<CustomersAgentOfRecord['history'][number]>(prisma, {
          agentNumber: 'string?',
          from: 'string',
          to: 'string?',
        })`
          SELECT g.agent_number AS "agentNumber", ${day('r.valid_from')} AS from, ${day('r.valid_to')} AS to
          FROM agents_of_record r LEFT JOIN agents g ON g.agent_key = r.agent_key
          WHERE r.customer_id = ${customerId} ORDER BY r.valid_from`,
        query<RecordedDecision>(prisma, recordedColumns)`
          ${recordedDecisions} WHERE d.customer_id = ${customerId} ORDER BY d.decided_at, d.plan_change_id`,
      ]);
      return customer === null ? null : { history, decisions };
    },

    async customersOf({ agentKey, day: onDay, after, limit }) {
      const agent = await prisma.agent.findFirst({ where: { agentKey }, select: { agentNumber: true } });
      if (agent === null) return null;
      const isBehind =
        after === undefined
          ? Prisma.sql`true`
          : Prisma.sql`(r.valid_from, r.id) > ((${timestamp(after.atMs)} AT TIME ZONE 'UTC')::date, ${after.id}::uuid)`;
      const customers = await query<AgentsCustomers['customers'][number]>(prisma, {
        id: 'string',
        customerId: 'string',
        since: 'string',
        sinceMs: 'number',
        planId: 'string?',
      })`
        SELECT r.id, r.customer_id AS "customerId", ${day('r.valid_from')} AS since,
               ${epochMs("r.valid_from::timestamp AT TIME ZONE 'UTC'")} AS "sinceMs", e.plan_id AS "planId"
        FROM agents_of_record r
        LEFT JOIN enrolments e ON e.customer_id = r.customer_id AND e.valid_from <= ${onDay}::date
          AND (e.valid_to IS NULL OR e.valid_to >= ${onDay}::date)
        WHERE r.agent_key = ${agentKey} AND r.valid_from <= ${onDay}::date
          AND (r.valid_to IS NULL OR r.valid_to >= ${onDay}::date) AND ${isBehind}
        ORDER BY r.valid_from, r.id LIMIT ${limit}`;
      return { ...agent, customers };
    },
  };
}

/** How many customers have the agent as agent of record on that day. */
export async function countCustomersOf(prisma: Database, agentKey: string, onDay: string): Promise<number> {
  const [found] = await query(prisma, { count: 'number' })`
    SELECT count(*)::int AS count FROM agents_of_record r
    WHERE r.agent_key = ${agentKey} AND r.valid_from <= ${onDay}::date
      AND (r.valid_to IS NULL OR r.valid_to >= ${onDay}::date)`;
  return found!.count;
}

export const recordedColumns: Columns<RecordedDecision> = {
  planChangeId: 'string',
  decidedAtMs: 'number',
  effectiveOn: 'string',
  outcome: 'string',
  reason: 'string',
  ruleVersion: 'number',
  commissionContinues: 'boolean',
  evidence: 'json',
  agentNumber: 'string?',
  originalNumber: 'string?',
  facilitatorNumber: 'string?',
};

/** Up to and including FROM: `d` is the decision. */
export const recordedDecisions = Prisma.sql`
  SELECT d.plan_change_id AS "planChangeId", ${epochMs('d.decided_at')} AS "decidedAtMs", ${day('d.effective_on')} AS "effectiveOn",
         d.outcome, d.reason, d.rule_version AS "ruleVersion", coalesce(f.continues, false) AS "commissionContinues", d.evidence,
         g.agent_number AS "agentNumber", o.agent_number AS "originalNumber", x.agent_number AS "facilitatorNumber"
  FROM aor_decisions d
  LEFT JOIN commission_facts f ON f.plan_change_id = d.plan_change_id
  LEFT JOIN agents g ON g.agent_key = d.agent_key
  LEFT JOIN agents o ON o.agent_key = d.previous_agent_key
  LEFT JOIN agents x ON x.agent_key = d.evidence->'facilitator'->>'agentKey'`;
