/** What operators read about decisions on agents of record: one to explain it, all of them to decide them again. */
import type { RecordedDecision } from '../../ports/agent-of-record';
import { recordedColumns, recordedDecisions } from './agents-of-record';
import { timestamp } from './epoch';
import type { Database } from './database';
import { Prisma } from '../generated/client';
import { query } from './query';

export interface DecisionToReplay extends RecordedDecision {
  /** The agent of record from then on, even if no longer on the roster. */
  readonly agentKey: string | null;
}

export interface DecisionToExplain extends DecisionToReplay {
  /** The staff number of the person who completed it; null: an intake system. */
  readonly completedByNumber: string | null;
  readonly apiKeyId: string;
}

export interface AorReplay {
  /** The decision that counts: the last one about this change. */
  find(planChangeId: string): Promise<DecisionToExplain | null>;
  /** The decisions made at `sinceMs` or later, ordered by (decided at, plan change, version), at most `pageSize` at once. */
  pagesSince(sinceMs: number, pageSize: number): AsyncIterable<readonly DecisionToReplay[]>;
}

export function createAorReplay(prisma: Database): AorReplay {
  return {
    async find(planChangeId) {
      const [decision] = await query<DecisionToExplain>(prisma, {
        ...recordedColumns,
        agentKey: 'string?',
        completedByNumber: 'string?',
        apiKeyId: 'string',
      })`
        ${recordedDecisions(withCompletion)} WHERE d.plan_change_id = ${planChangeId}::uuid ORDER BY d.version DESC LIMIT 1`;
      return decision ?? null;
    },

    async *pagesSince(sinceMs, pageSize) {
      let which = Prisma.sql`d.decided_at >= ${timestamp(sinceMs)}`;
      for (;;) {
        const page = await query<DecisionToReplay>(prisma, { ...recordedColumns, agentKey: 'string?' })`
          ${recordedDecisions(withAgent)} WHERE ${which} ORDER BY d.decided_at, d.plan_change_id, d.version LIMIT ${pageSize}`;
        if (page.length > 0) yield page;
        const last = page.at(-1);
        if (last === undefined || page.length < pageSize) return;
        which = Prisma.sql`(d.decided_at, d.plan_change_id, d.version) > (${timestamp(last.decidedAtMs)}, ${last.planChangeId}::uuid, ${last.version})`;
      }
    },
  };
}

const withAgent = Prisma.sql`, d.agent_key AS "agentKey"`;
const withCompletion = Prisma.sql`${withAgent}, d.api_key_id AS "apiKeyId",
  coalesce((SELECT s.staff_number FROM staff s WHERE s.staff_key = d.completed_by), d.completed_by) AS "completedByNumber"`;
