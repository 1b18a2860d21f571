/** Past, current and future agents of record, and the evidence of each decision. Days are `YYYY-MM-DD`. */
import type {
  AgentsCustomers,
  AgentsOfRecord,
  CustomersDecision,
  KnownPeriod,
  RecordedDecision,
} from '../../ports/agent-of-record';
import { isReversed, latestVersion, supersededBy, wasKnown } from './customer-histories';
import { day, epochMs, timestamp } from './epoch';
import type { Database } from './database';
import { Prisma } from '../generated/client';
import { query, type Columns } from './query';

export function createAgentsOfRecord(prisma: Database): AgentsOfRecord {
  return {
    async ofCustomer(customerId, knownAtMs) {
      const [customer, history, decisions] = await Promise.all([
        prisma.customer.findFirst({ where: { customerId }, select: { customerId: true } }),
        query<KnownPeriod>(prisma, {
          agentNumber: 'string?',
          from: 'string',
          to: 'string?',
          knownFromMs: 'number',
        })`
          SELECT g.agent_number AS "agentNumber", ${day('r.valid_from')} AS from, ${day('r.valid_to')} AS to,
                 ${epochMs('known.since')} AS "knownFromMs"
          FROM agents_of_record r LEFT JOIN agents g ON g.agent_key = r.agent_key
          CROSS JOIN LATERAL (${knownSince}) known
          WHERE r.customer_id = ${customerId} AND r.version = ${latestVersion(Prisma.sql`${customerId}`, knownAtMs)}
          ORDER BY r.valid_from`,
        query<CustomersDecision>(prisma, {
          ...recordedColumns,
          wasMadeAgain: 'boolean',
          isReversed: 'boolean',
          supersededBy: 'string?',
        })`
          SELECT r.*, r.version < max(r.version) OVER (PARTITION BY r."planChangeId") AS "wasMadeAgain",
                 ${isReversed(ofDecision)} AS "isReversed", ${supersededBy(ofDecision)} AS "supersededBy"
          FROM (${recordedDecisions()} WHERE d.customer_id = ${customerId}) r ORDER BY r.version, r."effectiveOn"`,
      ]);
      return customer === null ? null : { history, decisions };
    },

    async customersOf({ agentKey, day: onDay, knownAtMs, after, limit }) {
      const agent = await prisma.agent.findFirst({ where: { agentKey }, select: { agentNumber: true } });
      if (agent === null) return null;
      const isBehind =
        after === undefined
          ? Prisma.sql`true`
          : Prisma.sql`(r.valid_from, r.customer_id) > ((${timestamp(after.atMs)} AT TIME ZONE 'UTC')::date, ${after.customerId})`;
      const customers = await query<AgentsCustomers['customers'][number]>(prisma, {
        customerId: 'string',
        since: 'string',
        sinceMs: 'number',
        planId: 'string?',
      })`
        SELECT r.customer_id AS "customerId", ${day('r.valid_from')} AS since,
               ${epochMs("r.valid_from::timestamp AT TIME ZONE 'UTC'")} AS "sinceMs", e.plan_id AS "planId"
        FROM agents_of_record r
        LEFT JOIN enrolments e ON (e.customer_id, e.version) = (r.customer_id, r.version)
          AND ${onDay}::date BETWEEN e.valid_from AND e.valid_to
        WHERE r.agent_key = ${agentKey} AND ${onDay}::date BETWEEN r.valid_from AND r.valid_to AND ${isBehind}
          AND ${isOfLatest(knownAtMs)}
        ORDER BY r.valid_from, r.customer_id LIMIT ${limit}`;
      return { ...agent, customers };
    },
  };
}

/** How many customers have the agent as agent of record on that day. */
export async function countCustomersOf(prisma: Database, agentKey: string, onDay: string): Promise<number> {
  const [found] = await query(prisma, { count: 'number' })`
    SELECT count(*)::int AS count FROM agents_of_record r
    WHERE r.agent_key = ${agentKey} AND ${onDay}::date BETWEEN r.valid_from AND r.valid_to AND ${isOfLatest()}`;
  return found!.count;
}

/** Whether the period `r` is of the customer's latest version, now or at that time. */
const isOfLatest = (knownAtMs?: number): Prisma.Sql => {
  const hasVersion = (version: Prisma.Sql) => Prisma.sql`EXISTS (
    SELECT FROM customer_histories WHERE (customer_id, version) = (r.customer_id, ${version}) AND ${wasKnown(knownAtMs)})`;
  const isLast = Prisma.sql`NOT ${hasVersion(Prisma.sql`r.version + 1`)}`;
  return knownAtMs === undefined ? isLast : Prisma.sql`${isLast} AND ${hasVersion(Prisma.sql`r.version`)}`;
};

/** Since when the period `r` has been known with its agent and dates without a break, up to its version. */
const knownSince = Prisma.sql`
  SELECT min(k.known_from) AS since FROM customer_histories k
  WHERE k.customer_id = r.customer_id AND k.version <= r.version AND k.version > coalesce((
    SELECT max(o.version) FROM customer_histories o
    WHERE o.customer_id = r.customer_id AND o.version < r.version AND NOT EXISTS (
      SELECT FROM agents_of_record s
      WHERE (s.customer_id, s.version, s.valid_from, s.valid_to) = (o.customer_id, o.version, r.valid_from, r.valid_to)
        AND s.agent_key IS NOT DISTINCT FROM r.agent_key)), 0)`;

const ofDecision = Prisma.sql`r."planChangeId"`;

export const recordedColumns: Columns<RecordedDecision> = {
  planChangeId: 'string',
  version: 'number',
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

/** Up to and including FROM: `d` is the decision. `more`: further columns, from the comma before them on. */
export const recordedDecisions = (more = Prisma.empty): Prisma.Sql => Prisma.sql`
  SELECT d.plan_change_id AS "planChangeId", d.version, ${epochMs('d.decided_at')} AS "decidedAtMs", ${day('d.effective_on')} AS "effectiveOn",
         d.outcome, d.reason, d.rule_version AS "ruleVersion", coalesce(f.continues, false) AS "commissionContinues", d.evidence,
         g.agent_number AS "agentNumber", o.agent_number AS "originalNumber", x.agent_number AS "facilitatorNumber"${more}
  FROM aor_decisions d
  LEFT JOIN commission_facts f ON (f.plan_change_id, f.version) = (d.plan_change_id, d.version)
  LEFT JOIN agents g ON g.agent_key = d.agent_key
  LEFT JOIN agents o ON o.agent_key = d.previous_agent_key
  LEFT JOIN agents x ON x.agent_key = d.evidence->'facilitator'->>'agentKey'`;
