/** Plan changes: their customers and their stages. Every move is one statement with its audit event, and happens once. */
import type { HeldChange, PlanChangeRecord, PlanChanges } from '../../ports/plan-change';
import type { ListedPlanChange, PlanChangeQueue } from '../../ports/plan-change';
import type { AuditAction } from '../../contracts/audit';
import { escalationKind, type PlanChangeStage } from '../../domain/plan-change/plan-change';
import { moveRefusal, type OwnedChange, type PlanChangeCaller } from '../../domain/plan-change/rights';
import { isUniqueViolation } from './database-errors';
import { timestamp } from './epoch';
import type { Database, Statements } from './database';
import { Prisma } from '../generated/client';
import {
  completedOutcome,
  conditionsOf,
  heldColumns,
  heldExpressions,
  listed,
  listedColumns,
  recordColumns,
  recordExpressions,
} from './plan-change-rows';
import { execute, query } from './query';

interface Move {
  /** Selects the change: an SQL condition on `plan_changes`. */
  readonly which: Prisma.Sql;
  readonly set: Prisma.Sql;
  readonly action: AuditAction;
  readonly outcome?: string;
  readonly atMs: number;
  readonly apiKeyId?: string;
  readonly address?: string;
  readonly moveId?: string;
  /** Run before the second attempt: a query that waits for transactions with locks on rows that the first attempt skipped. */
  readonly awaitOthers?: Prisma.Sql;
}

export function createPlanChanges(prisma: Database): PlanChanges & PlanChangeQueue {
  /** The id of the change that was moved, now or earlier by the same move; undefined if there is no such change (any more). */
  async function move(wanted: Move, statements: Statements = prisma): Promise<string | undefined> {
    try {
      const moved = await moveOnce(wanted, statements);
      if (moved !== undefined || wanted.moveId === undefined) return moved;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
    // The same move may have been committed since the first attempt began: only a second statement sees it.
    if (wanted.awaitOthers !== undefined) await statements.send(wanted.awaitOthers);
    return moveOnce(wanted, statements);
  }

  const moveOne = async (
    planChangeId: string,
    condition: Prisma.Sql,
    change: Omit<Move, 'which'>,
  ): Promise<boolean> =>
    (await move({ which: Prisma.sql`id = ${planChangeId}::uuid AND ${condition}`, ...change })) !== undefined;

  /** Like `moveOne`, and only while the caller may: serialised with a concurrent move to somebody else. */
  const moveOfCaller = (
    planChangeId: string,
    kind: 'refer' | 'withdraw',
    caller: PlanChangeCaller,
    condition: Prisma.Sql,
    change: Omit<Move, 'which'>,
  ): Promise<boolean> =>
    prisma.$transaction(async (transaction) => {
      const statements = prisma.within(transaction);
      const [held] = await query<OwnedChange>(statements, heldColumns)`
        SELECT ${heldExpressions} FROM plan_changes c WHERE c.id = ${planChangeId}::uuid FOR UPDATE`;
      if (held === undefined || moveRefusal(held, kind, caller, change.atMs) !== null) return false;
      const which = Prisma.sql`id = ${planChangeId}::uuid AND ${condition}`;
      return (await move({ which, ...change }, statements)) !== undefined;
    });

  return {
    async find(planChangeId) {
      const [change] = await query<PlanChangeRecord>(prisma, recordColumns)`
        SELECT ${recordExpressions}, ${completedOutcome} AS outcome FROM plan_changes c WHERE c.id = ${planChangeId}::uuid`;
      return change ?? null;
    },

    async putBack(planChangeId, atMs) {
      await moveOne(planChangeId, Prisma.sql`stage = 'claimed' AND claim_until <= ${timestamp(atMs)}`, {
        set: backToQueue,
        action: 'plan-change-claim-lapsed',
        atMs,
      });
    },

    async abandon(planChangeId, atMs) {
      await moveOne(planChangeId, Prisma.sql`ended_at IS NULL AND stage <> 'held' AND ${isNobodys(atMs)}`, {
        set: ended('abandoned', atMs),
        action: 'plan-change-abandoned',
        atMs,
      });
    },

    async noteEscalation(planChangeId, escalation, atMs) {
      await execute(prisma)`
        INSERT INTO audit_events (key, at, action, outcome, plan_change_id)
        VALUES (${`plan-change-${escalation}:${planChangeId}`}, ${timestamp(atMs)}, 'plan-change-escalated', ${escalationKind(escalation)},
                ${planChangeId}::uuid)
        ON CONFLICT (key) DO NOTHING`;
    },

    hold: (held) => holdChange(prisma, held),

    async open({
      planChangeId,
      customerId,
      channel,
      route,
      stage,
      facilitatorKey,
      planId,
      effectiveOn,
      ...by
    }) {
      const at = timestamp(by.atMs);
      const [opened] = await query(prisma, { id: 'string' })`
        WITH fresh AS (
          INSERT INTO plan_changes (id, customer_id, channel, route, facilitator_key, stage, plan_id, effective_on, opened_at, opened_by, waiting_since)
          VALUES (${planChangeId}::uuid, ${customerId}, ${channel}, ${route}, ${facilitatorKey}, ${stage}, ${planId},
                  ${effectiveOn}::date, ${at}, ${by.apiKeyId}::uuid, ${at})
          ON CONFLICT DO NOTHING RETURNING id
        ), audited AS (
          INSERT INTO audit_events (at, action, outcome, api_key_id, address, plan_change_id)
          SELECT ${at}, 'plan-change-opened', 'success', ${by.apiKeyId}::uuid, ${by.address}, id FROM fresh
        )
        SELECT id FROM fresh`;
      return opened !== undefined;
    },

    async openChangeOf(customerId) {
      const where = { customerId, endedAt: null };
      return (await prisma.planChange.findFirst({ where, select: { id: true } }))?.id ?? null;
    },

    async look(planChangeId) {
      const [change] = await query<ListedPlanChange>(
        prisma,
        listedColumns,
      )`${listed} WHERE c.id = ${planChangeId}::uuid`;
      return change ?? null;
    },

    list: ({ limit, ...wanted }) => query<ListedPlanChange>(prisma, listedColumns)`
      ${listed} WHERE ${Prisma.join(conditionsOf(wanted), ' AND ')}
      ORDER BY c.waiting_since, c.id LIMIT ${limit}`,

    async claimNext({ staffKey, claimUntilMs, ...by }) {
      const oldestWaiting = Prisma.sql`
        SELECT id FROM plan_changes WHERE stage IN ('queued', 'claimed') AND ${isWaiting(by.atMs)}
        ORDER BY waiting_since, id LIMIT 1 FOR UPDATE`;
      const claimed = await move({
        // Concurrent requests skip a change that is being claimed. If all are being claimed, they wait: a claim may fail, or be
        // this same one.
        which: Prisma.sql`id = ANY (ARRAY(${oldestWaiting} SKIP LOCKED))`,
        awaitOthers: oldestWaiting,
        set: claimedBy(staffKey, claimUntilMs),
        action: 'plan-change-claimed',
        ...by,
      });
      return claimed ?? null;
    },

    claim: (planChangeId, { staffKey, claimUntilMs, ...by }) =>
      moveOne(planChangeId, isWaiting(by.atMs), {
        set: claimedBy(staffKey, claimUntilMs),
        action: 'plan-change-claimed',
        ...by,
      }),

    release: (planChangeId, { staffKey, ...by }) =>
      moveOne(
        planChangeId,
        Prisma.sql`stage = 'claimed' AND claimed_by = ${staffKey} AND claim_until > ${timestamp(by.atMs)}`,
        { set: backToQueue, action: 'plan-change-released', ...by },
      ),

    refer: (planChangeId, { caller, ...by }) =>
      moveOfCaller(
        ...([planChangeId, 'refer', caller] as const),
        Prisma.sql`stage = 'with-facilitator' AND route = 'internal-agent'`,
        {
          set: Prisma.sql`stage = 'queued', route = 'unit', waiting_since = ${timestamp(by.atMs)}`,
          action: 'plan-change-referred',
          ...by,
        },
      ),

    replaceFacilitator: (planChangeId, { facilitatorKey, ...by }) =>
      moveOne(planChangeId, Prisma.sql`stage = 'held'`, {
        set: Prisma.sql`stage = 'with-facilitator', held_for = NULL, held_at = NULL, facilitator_key = ${facilitatorKey},
          waiting_since = ${timestamp(by.atMs)}`,
        action: 'plan-change-facilitator-replaced',
        ...by,
      }),

    withdraw: (planChangeId, { reason, caller, ...by }) =>
      moveOfCaller(planChangeId, 'withdraw', caller, Prisma.sql`ended_at IS NULL`, {
        set: Prisma.sql`${ended('withdrawn', by.atMs)}, ended_for = ${reason}`,
        action: 'plan-change-withdrawn',
        ...by,
      }),
  };
}

async function moveOnce(
  { which, set, action, outcome, atMs, apiKeyId, address, moveId }: Move,
  statements: Statements,
): Promise<string | undefined> {
  // The audit event's key lets each move through once.
  const key = moveId === undefined ? null : moveKey(action, moveId);
  const [moved] = await query(statements, { id: 'string' })`
    WITH earlier AS (
      SELECT plan_change_id AS id FROM audit_events WHERE key = ${key}
    ), moved AS (
      UPDATE plan_changes SET ${set}, moves = moves + 1 WHERE ${which} AND NOT EXISTS (SELECT FROM earlier) RETURNING id
    ), audited AS (
      INSERT INTO audit_events (key, at, action, outcome, api_key_id, address, plan_change_id)
      SELECT ${key}, ${timestamp(atMs)}, ${action}, ${outcome ?? 'success'}, ${apiKeyId ?? null}::uuid, ${address ?? null}, id FROM moved
    )
    SELECT id FROM moved UNION ALL SELECT id FROM earlier`;
  return moved?.id;
}

const moveKey = (action: AuditAction, moveId: string): string => `${action}:${moveId}`;

type Held = Pick<HeldChange, 'planChangeId' | 'atMs'>;

/** Of a completion at `atMs` that holds the change: it does so once, even if the facilitator was replaced in between. */
export const holdId = ({ planChangeId, atMs }: Held): string => `${planChangeId}.${atMs}`;

/** The key of that completion's audit event. */
export const heldKey = (completion: Held): string => moveKey('plan-change-held', holdId(completion));

export async function holdChange(
  statements: Statements,
  { planChangeId, facilitatorKey, defect, ...by }: HeldChange & { readonly moveId?: string },
): Promise<void> {
  await moveOnce(
    {
      which: Prisma.sql`id = ${planChangeId}::uuid AND stage = 'with-facilitator' AND facilitator_key = ${facilitatorKey}`,
      set: Prisma.sql`stage = 'held', held_for = ${defect}, held_at = ${timestamp(by.atMs)}`,
      action: 'plan-change-held',
      outcome: `facilitator-${defect}`,
      ...by,
    },
    statements,
  );
}

const isWaiting = (atMs: number): Prisma.Sql =>
  Prisma.sql`(stage = 'queued' OR stage = 'claimed' AND claim_until <= ${timestamp(atMs)})`;

const isNobodys = (atMs: number): Prisma.Sql =>
  Prisma.sql`(stage <> 'claimed' OR claim_until <= ${timestamp(atMs)})`;

const backToQueue = Prisma.sql`stage = 'queued', claimed_by = NULL, claim_until = NULL`;

const claimedBy = (staffKey: string, untilMs: number): Prisma.Sql =>
  Prisma.sql`stage = 'claimed', claimed_by = ${staffKey}, claim_until = ${timestamp(untilMs)}`;

const ended = (stage: PlanChangeStage, atMs: number): Prisma.Sql =>
  Prisma.sql`stage = ${stage}, ended_at = ${timestamp(atMs)}, claimed_by = NULL, claim_until = NULL, held_for = NULL,
    held_at = NULL`;
