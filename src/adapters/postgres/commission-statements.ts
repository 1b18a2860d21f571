/** What commission statements follow from. Days are `YYYY-MM-DD`. */
import type { CommissionStatements, CustomersEarnings } from '../../ports/agent-of-record';
import type { Database } from './database';
import { day, epochMs, timestamp } from './epoch';
import { Prisma } from '../generated/client';
import { query } from './query';

export function createCommissionStatements(prisma: Database): CommissionStatements {
  return {
    async page({ agentKey, month: { lastDay, fromMs, untilMs }, after, limit }) {
      const agent = await prisma.agent.findFirst({ where: { agentKey }, select: { agentNumber: true } });
      if (agent === null) return null;
      // An agent's rows are all read by their index. In the order of customers, those of an agent with few would be far apart.
      // The versions are those known in the month, and the latest one before it: it is the one whose next was not known then.
      const customers = await query<CustomersEarnings>(prisma, { customerId: 'string', versions: 'json' })`
        WITH served AS MATERIALIZED (
          SELECT DISTINCT customer_id FROM agents_of_record
          WHERE agent_key = ${agentKey} AND valid_from <= ${lastDay}::date AND customer_id > ${after ?? ''}
        ), page AS (
          SELECT customer_id FROM served ORDER BY customer_id LIMIT ${limit}
        )
        SELECT page.customer_id AS "customerId", (
          SELECT coalesce(json_agg(json_build_object(
            'knownFromMs', ${epochMs('h.known_from')}, 'cause', h.cause, 'planChangeId', h.plan_change_id, 'correctionId', h.correction_id,
            'reason', k.reason, 'enrolments', ${enrolments}, 'agentsOfRecord', ${agentsOfRecord(agentKey)}, 'decisions', ${decisions}
          ) ORDER BY h.version), '[]')
          FROM customer_histories h
          LEFT JOIN customer_histories n ON (n.customer_id, n.version) = (h.customer_id, h.version + 1)
          LEFT JOIN aor_corrections k ON k.id = h.correction_id
          WHERE h.customer_id = page.customer_id AND h.known_from < ${timestamp(untilMs)}
            AND (n.known_from >= ${timestamp(fromMs)} OR n.known_from IS NULL)
        ) AS versions
        FROM page ORDER BY page.customer_id`;
      return { ...agent, customers };
    },
  };
}

const period = Prisma.sql`'from', ${day('p.valid_from')}, 'to', ${day('p.valid_to')}`;

const enrolments = Prisma.sql`(
  SELECT json_agg(json_build_object(${period}, 'planId', p.plan_id) ORDER BY p.valid_from)
  FROM enrolments p WHERE (p.customer_id, p.version) = (h.customer_id, h.version))`;

const agentsOfRecord = (agentKey: string): Prisma.Sql => Prisma.sql`(
  SELECT coalesce(json_agg(json_build_object(${period}, 'agentKey', p.agent_key) ORDER BY p.valid_from), '[]')
  FROM agents_of_record p WHERE (p.customer_id, p.version, p.agent_key) = (h.customer_id, h.version, ${agentKey}))`;

/** Of the changes that count in version `h`: the last one for each date that was not reversed by then, and the last decision about it. */
const decisions = Prisma.sql`(
  SELECT coalesce(json_agg(json_build_object(
    'planChangeId', d.plan_change_id, 'effectiveOn', ${day('d.effective_on')}, 'outcome', d.outcome,
    'commissionContinues', d.continues)), '[]')
  FROM (
    SELECT DISTINCT ON (a.effective_on) a.plan_change_id, a.effective_on, a.outcome, coalesce(f.continues, false) AS continues
    FROM aor_decisions a
    JOIN customer_histories made ON made.plan_change_id = a.plan_change_id AND made.cause = 'plan-change'
    LEFT JOIN commission_facts f ON (f.plan_change_id, f.version) = (a.plan_change_id, a.version)
    WHERE a.customer_id = h.customer_id AND a.version <= h.version AND NOT EXISTS (
      SELECT FROM customer_histories undone
      WHERE undone.plan_change_id = a.plan_change_id AND undone.cause = 'reversal' AND undone.version <= h.version)
    ORDER BY a.effective_on, made.version DESC, a.version DESC
  ) d)`;
