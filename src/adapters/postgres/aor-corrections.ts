/** Corrections of completed plan changes: what was asked for, and the versions of customers' histories that came of it. */
import type {
  AorCorrectionRequests,
  AorCorrections,
  CorrectionEffect,
  CorrectionForMail,
  CorrectionTurn,
  RequestedCorrection,
} from '../../ports/aor-correction';
import type { Addressee } from '../../ports/mail';
import { concernedAgents } from '../../domain/plan-change/concerned-agents';
import type { CustomerHistory } from '../../domain/plan-change/history';
import { agentForMail } from './aor-decisions';
import { addHistory, findCustomerFacts } from './customer-histories';
import { inCustomersTurn } from './customers-turn';
import type { Database, Statements } from './database';
import { day, timestamp } from './epoch';
import { Prisma } from '../generated/client';
import { findCaused, findEffect, type Caused } from './history-effects';
import { findKnownAgents } from './known-agents';
import { execute, query } from './query';

interface CorrectionRow
  extends Omit<RequestedCorrection, 'correctionId'>, Pick<CorrectionTurn['correction'], 'stage'> {
  /** Of the customer's history that came of it; null: none did. */
  readonly version: number | null;
}

export function createAorCorrections(prisma: Database): AorCorrections & AorCorrectionRequests {
  return {
    async request({ correctionId, planChangeId, customerId, kind, reason, note, apiKeyId, staffKey, atMs }) {
      await execute(prisma)`
        INSERT INTO aor_corrections (id, plan_change_id, customer_id, kind, reason, note, api_key_id, staff_key, requested_at)
        VALUES (${correctionId}::uuid, ${planChangeId}::uuid, ${customerId}, ${kind}, ${reason}, ${note}, ${apiKeyId}::uuid, ${staffKey},
                ${timestamp(atMs)})
        ON CONFLICT (id) DO NOTHING`;
    },

    async inCustomersTurn(correctionId, work) {
      const { planChangeId } = await find(prisma, correctionId);
      return inCustomersTurn(prisma, planChangeId, async (statements) => {
        const { version, ...correction } = await find(statements, correctionId);
        const facts = await findCustomerFacts(statements, correction.customerId);
        if (facts === null) throw new Error(`nothing is known of the customer of correction ${correctionId}`);
        return work({
          correction: { correctionId, ...correction },
          isCarriedOut: version !== null,
          facts,
          agentsFor: (corrected) => findKnownAgents(statements, corrected),
          record: (history, atMs) => write(statements, { correctionId, ...correction }, history, atMs),
        });
      });
    },

    async findEffect(correctionId) {
      const caused = await findCaused(prisma, correctionId);
      return caused === null ? null : findEffect(prisma, caused);
    },

    async findForMail(id) {
      const caused = await findCaused(prisma, id);
      if (caused === null) return null;
      const effect = await findEffect(prisma, caused);
      return { ...effect, ...(await findNames(prisma, caused, effect)) };
    },
  };
}

async function find(statements: Statements, correctionId: string): Promise<CorrectionRow> {
  const [row] = await query<CorrectionRow>(statements, {
    planChangeId: 'string',
    customerId: 'string',
    kind: 'string',
    reason: 'string?',
    note: 'string?',
    apiKeyId: 'string',
    staffKey: 'string?',
    stage: 'string',
    version: 'number?',
  })`
    SELECT k.plan_change_id AS "planChangeId", k.customer_id AS "customerId", k.kind, k.reason, k.note, k.api_key_id AS "apiKeyId",
           k.staff_key AS "staffKey", c.stage, h.version
    FROM aor_corrections k JOIN plan_changes c ON c.id = k.plan_change_id LEFT JOIN customer_histories h ON h.correction_id = k.id
    WHERE k.id = ${correctionId}::uuid`;
  if (row === undefined) throw new Error(`there is no correction ${correctionId}`);
  return row;
}

async function write(
  statements: Statements,
  { correctionId, planChangeId, customerId, kind, reason, note, apiKeyId, staffKey }: RequestedCorrection,
  { enrolments, agentsOfRecord, decisions }: CustomerHistory,
  atMs: number,
): Promise<void> {
  const [action, outcome] =
    kind === 'reversal' ? ['plan-change-reversed', reason] : ['agent-of-record-redetermined', 'success'];
  await addHistory(
    statements,
    {
      customerId,
      cause: kind,
      planChangeId,
      correctionId,
      atMs,
      enrolments,
      agentsOfRecord,
      decisions: decisions.filter(({ madeAgain }) => madeAgain),
      completedBy: staffKey,
      apiKeyId,
    },
    Prisma.sql`
      INSERT INTO audit_events (key, at, action, outcome, api_key_id, plan_change_id, reason)
      VALUES (${`${action}:${correctionId}`}, ${timestamp(atMs)}, ${action}, ${outcome}, ${apiKeyId}::uuid, ${planChangeId}::uuid, ${note})`,
  );
}

/** Who is named in the emails about it. */
async function findNames(
  statements: Statements,
  { customerId, version }: Caused,
  { before, after }: CorrectionEffect,
): Promise<Omit<CorrectionForMail, keyof CorrectionEffect>> {
  const agentKeys = [
    ...concernedAgents(before, after).map(({ agentKey }) => agentKey),
    ...after.agentsOfRecord.map(({ agentKey }) => agentKey),
  ];
  const planIds = after.enrolments.map(({ planId }) => planId);
  const [row] = await query<
    Omit<CorrectionForMail, keyof CorrectionEffect | 'planNames' | 'agents'> & {
      readonly plans: readonly { readonly planId: string; readonly name: string }[];
      readonly agents: readonly {
        readonly agentKey: string;
        readonly agent: Addressee & { readonly name: string };
      }[];
    }
  >(statements, {
    customerId: 'string',
    customer: 'json',
    cause: 'string',
    planName: 'string',
    effectiveOn: 'string',
    plans: 'json',
    agents: 'json',
  })`
    SELECT h.customer_id AS "customerId", json_build_object('email', u.email, 'firstName', u.first_name, 'language', u.language) AS customer,
           coalesce(k.reason, CASE h.cause WHEN 'plan-change' THEN 'replaced' ELSE 'determined-again' END) AS cause, p.name AS "planName", ${day('c.effective_on')} AS "effectiveOn",
           (SELECT coalesce(json_agg(json_build_object('planId', plan_id, 'name', name)), '[]') FROM plans WHERE plan_id = ANY (${planIds}))
             AS plans,
           (SELECT coalesce(json_agg(json_build_object('agentKey', g.agent_key, 'agent', ${agentForMail('g', 'ga')})), '[]')
            FROM agents g LEFT JOIN accounts ga ON ga.agent_key = g.agent_key WHERE g.agent_key = ANY (${agentKeys})) AS agents
    FROM customer_histories h
    LEFT JOIN aor_corrections k ON k.id = h.correction_id
    JOIN customers u ON u.customer_id = h.customer_id
    JOIN plan_changes c ON c.id = h.plan_change_id
    JOIN plans p ON p.plan_id = c.plan_id
    WHERE (h.customer_id, h.version) = (${customerId}, ${version})`;
  const { plans, agents, ...named } = row!;
  return {
    ...named,
    planNames: new Map(plans.map(({ planId, name }) => [planId, name])),
    agents: new Map(agents.map(({ agentKey, agent }) => [agentKey, agent])),
  };
}
