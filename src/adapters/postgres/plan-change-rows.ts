/** How a plan change is read: the columns of its rows, and what selects them. */
import type { ShownStage } from '../../domain/plan-change/plan-change';
import type { OwnedChange } from '../../domain/plan-change/rights';
import type { ListedPlanChange, PlanChangeQuery, PlanChangeRecord } from '../../ports/plan-change';
import { isReversed, supersededBy } from './customer-histories';
import { day, epochMs, timestamp } from './epoch';
import { Prisma } from '../generated/client';
import type { Columns } from './query';

/** The columns of a change `c` that determine whose it is. */
export const heldExpressions = Prisma.sql`
  c.channel, c.route, c.facilitator_key AS "facilitatorKey", c.stage, c.claimed_by AS "claimedBy",
  ${epochMs('c.claim_until')} AS "claimUntilMs"`;

export const heldColumns: Columns<OwnedChange> = {
  channel: 'string',
  route: 'string',
  facilitatorKey: 'string?',
  stage: 'string',
  claimedBy: 'string?',
  claimUntilMs: 'number?',
};

/** The columns of a `PlanChangeRecord`, except for its outcome. */
export const recordExpressions = Prisma.sql`
  c.id AS "planChangeId", c.customer_id AS "customerId", ${heldExpressions}, c.plan_id AS "planId",
  ${day('c.effective_on')} AS "effectiveOn", ${epochMs('c.opened_at')} AS "openedAtMs", ${epochMs('c.waiting_since')} AS "waitingSinceMs",
  c.held_for AS "heldFor", CASE WHEN c.stage = 'held' THEN ${epochMs('coalesce(c.held_at, c.waiting_since)')} END AS "heldSinceMs", ${epochMs('c.ended_at')} AS "endedAtMs",
  c.moves`;

/** What was decided about a change `c` when it was completed, whatever was decided again since. */
export const completedOutcome = Prisma.sql`
  (SELECT f.outcome FROM aor_decisions f WHERE f.plan_change_id = c.id ORDER BY f.version LIMIT 1)`;

export const recordColumns: Columns<PlanChangeRecord> = {
  ...heldColumns,
  planChangeId: 'string',
  customerId: 'string',
  planId: 'string?',
  effectiveOn: 'string?',
  openedAtMs: 'number',
  waitingSinceMs: 'number',
  heldFor: 'string?',
  heldSinceMs: 'number?',
  endedAtMs: 'number?',
  moves: 'number',
  outcome: 'string?',
};

const ofChange = Prisma.sql`c.id`;

/** Selects changes `c` as `ListedPlanChange`. Of several decisions about one the last counts. */
export const listed = Prisma.sql`
  SELECT ${recordExpressions}, ${isReversed(ofChange)} AS "isReversed", ${supersededBy(ofChange)} AS "supersededBy", d.outcome, d.reason, d.api_key_id AS "completedWith", g.agent_number AS "agentNumber", coalesce(f.continues, false) AS "commissionContinues",
         coalesce(fa.agent_number, fs.staff_number) AS "facilitatorNumber", s.staff_number AS "claimedByNumber", c.ended_for AS "endedFor"
  FROM plan_changes c
  LEFT JOIN agents fa ON fa.agent_key = c.facilitator_key AND c.channel NOT IN ('field-agent', 'telesales-agent')
  LEFT JOIN staff fs ON fs.staff_key = c.facilitator_key AND c.channel IN ('field-agent', 'telesales-agent')
  LEFT JOIN staff s ON s.staff_key = c.claimed_by
  LEFT JOIN LATERAL (SELECT * FROM aor_decisions l WHERE l.plan_change_id = c.id ORDER BY l.version DESC LIMIT 1) d ON true
  LEFT JOIN agents g ON g.agent_key = d.agent_key
  LEFT JOIN commission_facts f ON (f.plan_change_id, f.version) = (d.plan_change_id, d.version)`;

export const listedColumns: Columns<ListedPlanChange> = {
  ...recordColumns,
  isReversed: 'boolean',
  supersededBy: 'string?',
  reason: 'string?',
  completedWith: 'string?',
  agentNumber: 'string?',
  commissionContinues: 'boolean',
  facilitatorNumber: 'string?',
  claimedByNumber: 'string?',
  endedFor: 'string?',
};

/** What a change `c` has to meet to be listed. */
export function conditionsOf({
  visible,
  stage,
  route,
  after,
  nowMs,
}: Omit<PlanChangeQuery, 'limit'>): Prisma.Sql[] {
  const isOver = Prisma.sql`c.claim_until <= ${timestamp(nowMs)}`;
  return [
    visible === 'all' ? Prisma.sql`true` : Prisma.sql`c.channel = ${visible.channel}`,
    ...(visible === 'all' || visible.facilitatorKey === null
      ? []
      : [Prisma.sql`c.facilitator_key = ${visible.facilitatorKey}`]),
    ...(route === undefined ? [] : [Prisma.sql`c.route = ${route}`]),
    ...(after === undefined
      ? []
      : [Prisma.sql`(c.waiting_since, c.id) > (${timestamp(after.atMs)}, ${after.id}::uuid)`]),
    ...(stage === undefined ? [] : [ofStage(stage, isOver)]),
  ];
}

/** An expired claim counts as waiting, whether or not it has been cleared. */
function ofStage(stage: ShownStage, claimIsOver: Prisma.Sql): Prisma.Sql {
  if (stage === 'queued')
    return Prisma.sql`c.stage IN ('queued', 'claimed') AND (c.stage = 'queued' OR ${claimIsOver})`;
  if (stage === 'claimed') return Prisma.sql`c.stage = 'claimed' AND NOT ${claimIsOver}`;
  if (stage === 'completed') return Prisma.sql`c.stage = 'completed' AND NOT ${isReversed(ofChange)}`;
  if (stage === 'reversed') return isReversed(ofChange);
  return Prisma.sql`c.stage = ${stage}`;
}
