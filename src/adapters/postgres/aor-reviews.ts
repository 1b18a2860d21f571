/** Decisions that count, with what the rosters tell of their agents now. */
import type { AorReviews, DecisionOnReview } from '../../ports/agent-of-record';
import { NO_RECORDS, type AgentRecords } from '../../domain/plan-change/agent-standing';
import { recordedColumns, recordedDecisions } from './agents-of-record';
import { isReversed, supersededBy } from './customer-histories';
import type { Database } from './database';
import { timestamp } from './epoch';
import { Prisma } from '../generated/client';
import { areOnePerson, findAgentsOnRecord } from './plan-change-facts';
import { query } from './query';

interface ReviewRow extends DecisionOnReview {
  readonly originalKey: string | null;
  readonly facilitatorKey: string | null;
  readonly onePerson: boolean;
}

/** Two statements a page: an agent of many customers is read once. */
export function createAorReviews(prisma: Database): AorReviews {
  return {
    async page({ sinceMs, after, limit }) {
      const isBehind =
        after === undefined
          ? Prisma.sql`d.decided_at >= ${timestamp(sinceMs)}`
          : Prisma.sql`d.decided_at >= ${timestamp(sinceMs)} AND (d.decided_at, d.plan_change_id) > (${timestamp(after.atMs)}, ${after.id}::uuid)`;
      const rows = await query<ReviewRow>(prisma, {
        ...recordedColumns,
        customerId: 'string',
        agentKey: 'string?',
        originalKey: 'string?',
        facilitatorKey: 'string?',
        onePerson: 'boolean',
      })`
        ${recordedDecisions(toReview)} WHERE ${isBehind} AND ${counts} ORDER BY d.decided_at, d.plan_change_id LIMIT ${limit}`;
      const keys = rows.flatMap((row) => [row.originalKey, row.facilitatorKey]).filter((key) => key !== null);
      const agents = new Map<string, AgentRecords>();
      for (const agent of await findAgentsOnRecord(prisma, [...new Set(keys)]))
        agents.set(agent.agentKey, agent);
      const pairs = new Set(
        rows.filter(({ onePerson }) => onePerson).map((row) => `${row.facilitatorKey} ${row.originalKey}`),
      );
      return {
        decisions: rows,
        agents: {
          records: (agentKey) => agents.get(agentKey) ?? NO_RECORDS,
          isOnePerson: (agentKey, otherKey) => pairs.has(`${agentKey} ${otherKey}`),
        },
      };
    },
  };
}

const originalKey = Prisma.sql`(d.evidence->'original'->>'agentKey')`;
const facilitatorKey = Prisma.sql`(d.evidence->'facilitator'->>'agentKey')`;
const toReview = Prisma.sql`, d.customer_id AS "customerId", d.agent_key AS "agentKey", ${originalKey} AS "originalKey",
  ${facilitatorKey} AS "facilitatorKey", ${areOnePerson(facilitatorKey, originalKey)} AS "onePerson"`;

const changeId = Prisma.sql`d.plan_change_id`;
/** The last decision about a change that was neither reversed nor superseded. */
const counts = Prisma.sql`
  NOT EXISTS (SELECT FROM aor_decisions l WHERE l.plan_change_id = d.plan_change_id AND l.version > d.version)
  AND NOT ${isReversed(changeId)} AND ${supersededBy(changeId)} IS NULL`;
