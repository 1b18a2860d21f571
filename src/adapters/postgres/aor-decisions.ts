/** The agent of record after a plan change, recorded permanently; and what is read of it. Days are `YYYY-MM-DD`. */
import type { AorDecisions, DecisionForMail } from '../../ports/agent-of-record';
import type { RecordDecisionInput } from '../../contracts/plan-change';
import { callerOf, completionRefusal, type OwnedChange } from '../../domain/plan-change/rights';
import { day, timestamp } from './epoch';
import type { Database, Statements } from './database';
import { Prisma } from '../generated/client';
import { findAgents, findForCompletion, findStaff } from './plan-change-facts';
import { heldColumns, heldExpressions } from './plan-change-rows';
import { heldKey, holdChange, holdId } from './plan-changes';
import { query } from './query';

export function createAorDecisions(prisma: Database): AorDecisions {
  /**
   * The lock is no row of `customers`: a roster's import holds those it changes until its end. It comes before the lock on the change,
   * which moves take alone.
   */
  const inTurn = <Result>(
    planChangeId: string,
    work: (statements: Statements, transaction: Prisma.TransactionClient) => Promise<Result>,
  ): Promise<Result> =>
    prisma.$transaction(async (transaction) => {
      await transaction.$executeRaw`
        SELECT pg_advisory_xact_lock(hashtextextended('decisions about ' || customer_id, 0))
        FROM plan_changes WHERE id = ${planChangeId}::uuid`;
      return work(prisma.within(transaction), transaction);
    });

  return {
    inCustomersTurn: (planChangeId, work) =>
      inTurn(planChangeId, (statements, transaction) =>
        work({
          factsFor: (completion) => findForCompletion(statements, completion, heldKey(completion)),
          agents: (keys) => findAgents(statements, keys),
          record: (input) => write(transaction, input),
          hold: (held) => holdChange(statements, { ...held, moveId: holdId(held) }),
        }),
      ),

    record: (input) =>
      inTurn(input.planChangeId, async (statements, transaction) => {
        const [change] = await query<OwnedChange>(statements, heldColumns)`
          SELECT ${heldExpressions} FROM plan_changes c WHERE c.id = ${input.planChangeId}::uuid FOR UPDATE`;
        if (change?.stage === 'completed') return 'recorded';
        const { staffKey, evidence, atMs } = input;
        const staff = staffKey === null ? null : await findStaff(statements, staffKey);
        const caller = callerOf(staffKey, staff, evidence.day);
        if (change === undefined || completionRefusal(change, caller, atMs) !== null) return 'moved';
        await write(transaction, input);
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
        WHERE d.plan_change_id = ${planChangeId}::uuid`;
      return row ?? null;
    },
  };
}

async function write(transaction: Prisma.TransactionClient, input: RecordDecisionInput): Promise<void> {
  await transaction.$executeRaw(writeDecision(input));
  await transaction.$executeRaw(beginPeriods(input));
}

/** The decision, its effect on the commission, the end of the change and of the periods until then. */
function writeDecision(input: RecordDecisionInput): Prisma.Sql {
  const { planChangeId, planId, effectiveOn, staffKey, apiKeyId, atMs, decision, evidence } = input;
  const { outcome, reason, agentKey, ruleVersion, commissionContinues } = decision;
  const previous = evidence.original?.agentKey ?? null;
  const at = timestamp(atMs);
  return Prisma.sql`
    WITH completed AS (
      UPDATE plan_changes SET stage = 'completed', plan_id = ${planId}, effective_on = ${effectiveOn}::date, ended_at = ${at}, claim_until = NULL,
        moves = moves + 1
      WHERE id = ${planChangeId}::uuid RETURNING id, customer_id
    ), decided AS (
      INSERT INTO aor_decisions (plan_change_id, customer_id, decided_at, outcome, reason, agent_key, previous_agent_key, effective_on,
                                 rule_version, evidence, completed_by, api_key_id)
      SELECT id, customer_id, ${at}, ${outcome}, ${reason}, ${agentKey}, ${previous}, ${effectiveOn}::date,
             ${ruleVersion}, ${JSON.stringify(evidence)}::jsonb, ${staffKey}, ${apiKeyId}::uuid FROM completed
    ), commission AS (
      INSERT INTO commission_facts (plan_change_id, customer_id, agent_key, continues, effective_on)
      SELECT id, customer_id, ${previous}, ${commissionContinues}, ${effectiveOn}::date FROM completed WHERE ${previous}::text IS NOT NULL
    ), enrolment AS (
      UPDATE enrolments e SET valid_to = ${effectiveOn}::date - 1 FROM completed c
      WHERE e.customer_id = c.customer_id AND e.valid_to IS NULL
    ), agent AS (
      UPDATE agents_of_record a SET valid_to = ${effectiveOn}::date - 1 FROM completed c
      WHERE a.customer_id = c.customer_id AND a.valid_to IS NULL AND ${changesAgent(decision)}
    )
    INSERT INTO audit_events (key, at, action, outcome, api_key_id, plan_change_id)
    SELECT 'plan-change-completed:' || id, ${at}, 'plan-change-completed', 'success', ${apiKeyId}::uuid, id FROM completed`;
}

/** A separate statement: the database refuses a period before the one until then is closed. */
const beginPeriods = ({
  planChangeId,
  planId,
  effectiveOn,
  decision,
}: RecordDecisionInput): Prisma.Sql => Prisma.sql`
  WITH completed AS (
    SELECT customer_id FROM plan_changes WHERE id = ${planChangeId}::uuid
  ), enrolment AS (
    INSERT INTO enrolments (id, customer_id, plan_id, valid_from)
    SELECT gen_random_uuid(), customer_id, ${planId}, ${effectiveOn}::date FROM completed
  )
  INSERT INTO agents_of_record (id, customer_id, agent_key, valid_from)
  SELECT gen_random_uuid(), customer_id, ${decision.agentKey}, ${effectiveOn}::date FROM completed WHERE ${changesAgent(decision)}`;

const changesAgent = ({ outcome }: RecordDecisionInput['decision']): boolean =>
  outcome === 'transferred' || outcome === 'ended';

/** The roster's address, and the account's language if there is an account. */
const agentForMail = (agent: string, account: string): Prisma.Sql =>
  Prisma.raw(`CASE WHEN ${agent}.agent_key IS NOT NULL THEN json_build_object(
    'email', ${agent}.email, 'firstName', ${agent}.first_name, 'language', coalesce(${account}.language, 'en'),
    'name', trim(${agent}.first_name || ' ' || ${agent}.last_name)) END`);
