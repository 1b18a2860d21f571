/** Agents whose last day is over, and what follows from it. */
import { randomUUID } from 'node:crypto';
import type { AgentTerminations, TerminationForMail } from '../../ports/agent-terminations';
import { createAccountClosing } from './account-closing';
import { countCustomersOf } from './agents-of-record';
import { day, timestamp } from './epoch';
import type { Database } from './database';
import { execute, query } from './query';

/** For the audit log: no person closed the account, a setting did. */
const OPERATOR = 'TERMINATED_AGENTS=close';

interface DueRow {
  readonly agentKey: string;
  readonly lastDay: string;
  readonly accountId: string | null;
}

export function createAgentTerminations(prisma: Database): AgentTerminations {
  const closing = createAccountClosing(prisma);

  return {
    async carryOut({ today, policy, atMs, limit }) {
      const due = await query<DueRow>(prisma, {
        agentKey: 'string',
        lastDay: 'string',
        accountId: 'string?',
      })`
        SELECT g.agent_key AS "agentKey", ${day('g.last_day')} AS "lastDay", a.id AS "accountId"
        FROM (
          SELECT x.agent_key, least(x.terminated_on, p.terminated_on) AS last_day
          FROM agents x LEFT JOIN agents p ON p.agent_key = x.principal_key
        ) g LEFT JOIN accounts a ON a.agent_key = g.agent_key
        WHERE g.last_day < ${today}::date
          AND (a.id IS NOT NULL OR EXISTS (SELECT FROM agents_of_record r WHERE r.agent_key = g.agent_key))
          AND NOT EXISTS (SELECT FROM agent_terminations t WHERE (t.agent_key, t.last_day) = (g.agent_key, g.last_day))
        ORDER BY g.agent_key LIMIT ${limit}`;
      for (const { agentKey, lastDay, accountId } of due) {
        // Before the termination is recorded: if this process ends in between, both are done again.
        if (policy === 'close' && accountId !== null) await closing.close(accountId, atMs, OPERATOR);
        await execute(prisma)`
          WITH carried_out AS (
            INSERT INTO agent_terminations (id, agent_key, last_day, carried_out_at)
            VALUES (${randomUUID()}::uuid, ${agentKey}, ${lastDay}::date, ${timestamp(atMs)})
            ON CONFLICT (agent_key, last_day) DO NOTHING RETURNING agent_key
          ), ended AS (
            UPDATE sessions SET revoked_at = ${timestamp(atMs)}
            WHERE account_id = ${accountId}::uuid AND revoked_at IS NULL AND EXISTS (SELECT FROM carried_out)
          )
          INSERT INTO audit_events (at, action, outcome, account_id, about)
          SELECT ${timestamp(atMs)}, 'agent-terminated', 'success', ${accountId}::uuid, 'agent ' || agent_key
          FROM carried_out`;
      }
      return due.length;
    },

    async unannounced(limit) {
      const rows = await query(prisma, { id: 'string' })`
        SELECT id FROM agent_terminations WHERE announced_at IS NULL ORDER BY carried_out_at, id LIMIT ${limit}`;
      return rows.map(({ id }) => id);
    },

    async markAnnounced(terminationIds, atMs) {
      await execute(prisma)`
        UPDATE agent_terminations SET announced_at = ${timestamp(atMs)}
        WHERE id = ANY (${[...terminationIds]}::uuid[]) AND announced_at IS NULL`;
    },

    async findForMail(terminationId, onDay) {
      const [row] = await query<Omit<TerminationForMail, 'customers'> & { readonly agentKey: string }>(
        prisma,
        {
          agentKey: 'string',
          agentNumber: 'string',
          lastDay: 'string',
        },
      )`
        SELECT g.agent_key AS "agentKey", g.agent_number AS "agentNumber", ${day('t.last_day')} AS "lastDay"
        FROM agent_terminations t JOIN agents g ON g.agent_key = t.agent_key WHERE t.id = ${terminationId}::uuid`;
      if (row === undefined) return null;
      const { agentKey, ...termination } = row;
      return { ...termination, customers: await countCustomersOf(prisma, agentKey, onDay) };
    },
  };
}
