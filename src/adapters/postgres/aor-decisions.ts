/** The agent of record after a plan change, recorded permanently; and what is read of it. Days are `YYYY-MM-DD`. */
import type { AorDecisions, CompletedChange, DecisionForMail } from '../../ports/agent-of-record';
import { whatHoldsAfter, type CustomerHistory } from '../../domain/plan-change/history';
import { callerOf, completionRefusal, type OwnedChange } from '../../domain/plan-change/rights';
import { addHistory, findCustomerFacts } from './customer-histories';
import { inCustomersTurn } from './customers-turn';
import { day, timestamp } from './epoch';
import type { Database, Statements } from './database';
import { Prisma } from '../generated/client';
import { findAlsoConcerned } from './history-effects';
import { findAgents, findForCompletion, findStaff } from './plan-change-facts';
import { heldColumns, heldExpressions } from './plan-change-rows';
import { heldKey, holdChange, holdId } from './plan-changes';
import { query } from './query';

export function createAorDecisions(prisma: Database): AorDecisions {
  return {
    inCustomersTurn: (planChangeId, work) =>
      inCustomersTurn(prisma, planChangeId, (statements) =>
        work({
          factsFor: (completion) => findForCompletion(statements, completion, heldKey(completion)),
          agents: (keys) => findAgents(statements, keys),
          record: (input, holds) => complete(statements, input, holds),
          alsoConcerned: () => findAlsoConcerned(statements, planChangeId),
          hold: (held) => holdChange(statements, { ...held, moveId: holdId(held) }),
        }),
      ),

    record: (input) =>
      inCustomersTurn(prisma, input.planChangeId, async (statements) => {
        const [change] = await query<OwnedChange & { customerId: string }>(statements, {
          customerId: 'string',
          ...heldColumns,
        })`
          SELECT c.customer_id AS "customerId", ${heldExpressions} FROM plan_changes c WHERE c.id = ${input.planChangeId}::uuid FOR UPDATE`;
        if (change?.stage === 'completed') return 'recorded';
        const { staffKey, evidence, atMs } = input;
        const staff = staffKey === null ? null : await findStaff(statements, staffKey);
        const caller = callerOf(staffKey, staff, evidence.day);
        if (change === undefined || completionRefusal(change, caller, atMs) !== null) return 'moved';
        const known = await findCustomerFacts(statements, change.customerId);
        if (known === null) throw new Error('a plan change of a customer of whom nothing is known');
        await complete(statements, { ...input, customerId: change.customerId }, whatHoldsAfter(known, input));
        return 'recorded';
      }),

    async findForMail(planChangeId) {
      const [row] = await query<DecisionForMail>(prisma, {
        customerId: 'string',
        planName: 'string',
        effectiveOn: 'string',
        outcome: 'string',
        reason: 'string',
        customer: 'json',
        agent: 'json?',
        previousAgent: 'json?',
      })`
        SELECT d.customer_id AS "customerId", p.name AS "planName", ${day('d.effective_on')} AS "effectiveOn", d.outcome, d.reason,
               json_build_object('email', c.email, 'firstName', c.first_name, 'language', c.language) AS customer,
               ${agentForMail('g', 'ga')} AS agent, ${agentForMail('o', 'oa')} AS "previousAgent"
        FROM aor_decisions d
        JOIN plan_changes x ON x.id = d.plan_change_id
        JOIN customers c ON c.customer_id = d.customer_id
        JOIN plans p ON p.plan_id = x.plan_id
        LEFT JOIN agents g ON g.agent_key = d.agent_key LEFT JOIN accounts ga ON ga.agent_key = g.agent_key
        LEFT JOIN agents o ON o.agent_key = d.previous_agent_key LEFT JOIN accounts oa ON oa.agent_key = o.agent_key
        WHERE d.plan_change_id = ${planChangeId}::uuid ORDER BY d.version LIMIT 1`;
      return row ?? null;
    },

    alsoConcerned: (planChangeId) => findAlsoConcerned(prisma, planChangeId),
  };
}

/** The next version of the customer's history, and the end of the change. */
async function complete(
  statements: Statements,
  {
    customerId,
    planChangeId,
    planId,
    effectiveOn,
    staffKey,
    apiKeyId,
    atMs,
    decision,
    evidence,
  }: CompletedChange,
  { enrolments, agentsOfRecord }: CustomerHistory,
): Promise<void> {
  const at = timestamp(atMs);
  await addHistory(
    statements,
    {
      customerId,
      cause: 'plan-change',
      planChangeId,
      atMs,
      enrolments,
      agentsOfRecord,
      decisions: [{ planChangeId, effectiveOn, decision, evidence }],
      completedBy: staffKey,
      apiKeyId,
    },
    Prisma.sql`, completed AS (
        UPDATE plan_changes SET stage = 'completed', plan_id = ${planId}, effective_on = ${effectiveOn}::date, ended_at = ${at}, claim_until = NULL,
          moves = moves + 1
        WHERE id = ${planChangeId}::uuid RETURNING id
      )
      INSERT INTO audit_events (key, at, action, outcome, api_key_id, plan_change_id)
      SELECT 'plan-change-completed:' || id, ${at}, 'plan-change-completed', 'success', ${apiKeyId}::uuid, id FROM completed`,
  );
}

/** The roster's address, and the account's language; without an account nobody knows it. */
export const agentForMail = (agent: string, account: string): Prisma.Sql =>
  Prisma.raw(`CASE WHEN ${agent}.agent_key IS NOT NULL THEN json_build_object(
    'email', ${agent}.email, 'firstName', ${agent}.first_name, 'language', ${account}.language,
    'name', trim(${agent}.first_name || ' ' || ${agent}.last_name)) END`);
