/** The facts that plan changes are judged by: the rosters, and the histories of customers and agents. Days are `YYYY-MM-DD`. */
import type { CompletionInput } from '../../contracts/plan-change';
import type { CompletionAgents, CompletionFacts } from '../../ports/agent-of-record';
import type { AgentOnRecord, PlanChangeFacts, PlanChangeRecord } from '../../ports/plan-change';
import type { StaffMember, StaffRole } from '../../domain/plan-change/plan-change';
import type { CustomerOnRecord, PlanOffer } from '../../domain/plan-change/eligibility';
import { latestVersion, selectCustomerFacts, wasKnown } from './customer-histories';
import { day } from './epoch';
import type { Statements } from './database';
import { Prisma } from '../generated/client';
import { completedOutcome, recordColumns, recordExpressions } from './plan-change-rows';
import { query, type Columns } from './query';
import { isSamePerson } from './same-person';

interface StaffRow {
  readonly staffKey: string;
  readonly role: StaffRole;
  readonly licensedFrom: string | null;
  readonly licensedTo: string | null;
}

/** One statement per query; null if there is no roster entry. */
export function createPlanChangeFacts(prisma: Statements): PlanChangeFacts {
  return {
    async customer(customerId, effectiveOn = null) {
      const [customer] = await query<CustomerOnRecord>(prisma, {
        customerId: 'string',
        state: 'string',
        agentKey: 'string?',
        agentKeyBefore: 'string?',
        enrolments: 'json',
      })`${selectCustomer(Prisma.sql`${customerId}`, effectiveOn)}`;
      return customer ?? null;
    },

    async plan(planId) {
      const [plan] = await query<PlanOffer>(prisma, {
        planId: 'string',
        name: 'string',
        type: 'string',
        states: 'string[]',
        offeredFrom: 'string',
        offeredTo: 'string?',
      })`${selectPlan(planId)}`;
      return plan ?? null;
    },

    async agent(agentKey, knownAtMs) {
      const [agent] = await query<AgentOnRecord>(
        prisma,
        agentColumns,
      )`${selectAgent(Prisma.sql`${agentKey}`, knownAtMs)}`;
      return agent ?? null;
    },

    async isOnePerson(agentKey, otherKey) {
      const [found] = await query(prisma, {
        same: 'boolean',
      })`SELECT ${areOnePerson(Prisma.sql`${agentKey}`, Prisma.sql`${otherKey}`)} AS same`;
      return found!.same;
    },

    staff: (staffKey) => findStaff(prisma, staffKey),
  };
}

/** The person with this number on the current staff roster; null: nobody. */
export async function findStaff(statements: Statements, staffKey: string): Promise<StaffMember | null> {
  const [row] = await query<StaffRow>(statements, {
    staffKey: 'string',
    role: 'string',
    licensedFrom: 'string?',
    licensedTo: 'string?',
  })`${selectStaff(staffKey)}`;
  return staffMember(row ?? null);
}

/** In one statement, which locks the change. `heldKey`: of the audit event with which this completion would hold it. */
export async function findForCompletion(
  statements: Statements,
  { planChangeId, planId, effectiveOn, staffKey }: CompletionInput,
  heldKey: string,
): Promise<CompletionFacts | null> {
  const [row] = await query<CompletionRow>(statements, {
    ...recordColumns,
    staff: 'json?',
    customer: 'json',
    plan: 'json?',
    known: 'json?',
    heldBefore: 'string?',
  })`
    SELECT ${recordExpressions}, ${completedOutcome} AS outcome,
           ${asJson(selectStaff(staffKey))} AS staff, ${asJson(selectCustomer(Prisma.sql`c.customer_id`, effectiveOn))} AS customer,
           ${asJson(selectPlan(planId))} AS plan, ${asJson(selectCustomerFacts(Prisma.sql`c.customer_id`))} AS known,
           (SELECT replace(e.outcome, 'facilitator-', '') FROM audit_events e WHERE e.key = ${heldKey}) AS "heldBefore"
    FROM plan_changes c WHERE c.id = ${planChangeId}::uuid FOR UPDATE OF c`;
  if (row === undefined) return null;
  const { staff, customer, plan, known, heldBefore, ...change } = row;
  return { change, staff: staffMember(staff), customer, plan, known, heldBefore };
}

/** Both agents of a completion in one statement. */
export async function findAgents(
  statements: Statements,
  { original, facilitator }: Readonly<Record<'original' | 'facilitator', string | null>>,
): Promise<CompletionAgents> {
  const [found] = await query<CompletionAgents>(statements, {
    original: 'json?',
    facilitator: 'json?',
    onePerson: 'boolean',
  })`
    SELECT ${asJson(selectAgent(Prisma.sql`${original}`))} AS original, ${asJson(selectAgent(Prisma.sql`${facilitator}`))} AS facilitator,
           ${areOnePerson(Prisma.sql`${facilitator}`, Prisma.sql`${original}`)} AS "onePerson"`;
  return found!;
}

/** As known now; without those of whom nothing is. */
export const findAgentsOnRecord = (
  statements: Statements,
  agentKeys: readonly string[],
): Promise<readonly AgentOnRecord[]> => query<AgentOnRecord>(statements, agentColumns)`
  SELECT found.* FROM unnest(${agentKeys}::text[]) asked(key) CROSS JOIN LATERAL (${selectAgent(Prisma.sql`asked.key`)}) found`;

const agentColumns: Columns<AgentOnRecord> = {
  agentKey: 'string',
  terminatedOn: 'string?',
  principalTerminatedOn: 'string?',
  isCallCenter: 'boolean',
  licences: 'json',
  appointments: 'json',
  certifications: 'json',
};

interface CompletionRow extends PlanChangeRecord, Omit<CompletionFacts, 'change' | 'staff'> {
  readonly staff: StaffRow | null;
}

function staffMember(row: StaffRow | null): StaffMember | null {
  if (row === null) return null;
  const { licensedFrom, licensedTo, ...member } = row;
  return { ...member, licence: licensedFrom === null ? null : { from: licensedFrom, to: licensedTo } };
}

/** A statement of at most one row as a value: its columns by name. */
const asJson = (select: Prisma.Sql): Prisma.Sql => Prisma.sql`(SELECT to_json(found) FROM (${select}) found)`;

/** Of customer `u`, on the day before their latest enrolment begins. */
const agentBeforeLatest = Prisma.sql`(
    SELECT a.agent_key FROM agents_of_record a
    WHERE (a.customer_id, a.version) = (u.customer_id, v.latest) AND (
      SELECT max(e.valid_from) - 1 FROM enrolments e
      WHERE (e.customer_id, e.version) = (u.customer_id, v.latest) AND e.plan_id IS NOT NULL
    ) BETWEEN a.valid_from AND a.valid_to
  )`;

/** For a change from `effectiveOn` on; null: on a day that nobody knows yet. */
const selectCustomer = (customerId: Prisma.Sql, effectiveOn: string | null): Prisma.Sql => Prisma.sql`
  SELECT u.customer_id AS "customerId", u.state, (
    SELECT a.agent_key FROM agents_of_record a
    WHERE (a.customer_id, a.version) = (u.customer_id, v.latest)
      AND coalesce(${effectiveOn}::date - 1, 'infinity') BETWEEN a.valid_from AND a.valid_to
  ) AS "agentKey", ${effectiveOn === null ? agentBeforeLatest : Prisma.sql`NULL`} AS "agentKeyBefore", (
    SELECT coalesce(json_agg(json_build_object(
      'planId', e.plan_id, 'planType', p.type, 'from', ${day('e.valid_from')}, 'to', ${day('e.valid_to')}) ORDER BY e.valid_from), '[]')
    FROM enrolments e JOIN plans p ON p.plan_id = e.plan_id WHERE (e.customer_id, e.version) = (u.customer_id, v.latest)
  ) AS enrolments
  FROM customers u CROSS JOIN LATERAL (SELECT ${latestVersion(Prisma.sql`u.customer_id`)} AS latest) v
  WHERE u.customer_id = ${customerId}`;

const selectPlan = (planId: string): Prisma.Sql => Prisma.sql`
  SELECT plan_id AS "planId", name, type, states, ${day('offered_from')} AS "offeredFrom", ${day('offered_to')} AS "offeredTo"
  FROM plans WHERE plan_id = ${planId}`;

/** As it was known at that time, or is known now. */
function selectAgent(agentKey: Prisma.Sql, knownAtMs?: number): Prisma.Sql {
  const known = wasKnown(knownAtMs);
  return Prisma.sql`
    SELECT a.agent_key AS "agentKey", ${day('a.terminated_on')} AS "terminatedOn",
           ${day('p.terminated_on')} AS "principalTerminatedOn",
           EXISTS (SELECT FROM call_centers c WHERE c.agent_key = a.agent_key) AS "isCallCenter",
           coalesce(json_agg(s.standing) FILTER (WHERE s.type = 'licence'), '[]') AS licences,
           coalesce(json_agg(s.standing) FILTER (WHERE s.type = 'appointment'), '[]') AS appointments,
           coalesce(json_agg(s.standing) FILTER (WHERE s.type = 'certification'), '[]') AS certifications
    FROM (
      SELECT * FROM agent_activity WHERE agent_key = ${agentKey} AND ${known} ORDER BY known_from DESC LIMIT 1
    ) a LEFT JOIN LATERAL (
      SELECT * FROM agent_activity WHERE agent_key = a.principal_key AND ${known} ORDER BY known_from DESC LIMIT 1
    ) p ON true LEFT JOIN (
      SELECT DISTINCT ON (type, scope, valid_from)
             type, json_build_object('from', ${day('valid_from')}, 'to', ${day('valid_to')}, 'state', scope,
               'planYear', CASE WHEN type = 'certification' THEN scope::int END) AS standing
      FROM agent_standing WHERE agent_key = ${agentKey} AND ${known}
      ORDER BY type, scope, valid_from, known_from DESC
    ) s ON true
    GROUP BY a.agent_key, a.terminated_on, p.terminated_on`;
}

const selectStaff = (staffKey: string | null): Prisma.Sql => Prisma.sql`
  SELECT staff_key AS "staffKey", role, ${day('licensed_from')} AS "licensedFrom", ${day('licensed_to')} AS "licensedTo"
  FROM staff WHERE staff_key = ${staffKey}`;

export const areOnePerson = (agentKey: Prisma.Sql, otherKey: Prisma.Sql): Prisma.Sql => Prisma.sql`
  EXISTS (SELECT FROM agents g JOIN agents x ON ${isSamePerson} WHERE g.agent_key = ${agentKey} AND x.agent_key = ${otherKey})`;
