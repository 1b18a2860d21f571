/** Moves of plan changes, from a look to completion (spec.md 7). The domain decides who may do what, the database when. */
import { completionBody, facilitatorBody, planChange, planChangeParams, withdrawalBody } from './schemas';
import type { CompletionRequest } from '../../contracts/plan-change';
import { stageAt } from '../../domain/plan-change/plan-change';
import { moveRefusal } from '../../domain/plan-change/rights';
import type { PlanChangeCaller, PlanChangeMove } from '../../domain/plan-change/rights';
import { MINUTE_MS } from '../../domain/time';
import type { ApiDeps } from '../deps';
import type { Operation } from '../../ports/operation';
import { completionProblem, planChangeBody, requireNoRefusal, rightsProblem, wrongStage } from './answers';
import { callerOfKey, representativeOfKey } from './callers';
import { unitDay } from '../../domain/plan-change/deadlines';
import { checkFacilitator } from './intake';
import { possibleAgents } from '../../domain/plan-change/eligibility';
import { createLookup } from './lookup';
import type { ApiKeyHolder } from '../../ports/api-key';
import type { ListedPlanChange } from '../../ports/plan-change';
import { AppError } from '../http/problems';
import { defineRoute, type Route } from '../http/route';

type MoveDeps = Pick<
  ApiDeps,
  'planChanges' | 'planChangeFacts' | 'planChangeRuns' | 'planChangePolicy' | 'clock'
>;

interface Caller {
  readonly key: ApiKeyHolder;
  readonly address: string;
  readonly operation: Operation;
}

/** Everything below `/v1/plan-changes`. */
export function planChangeMoveRoutes(deps: MoveDeps): Route[] {
  const { planChanges: queue, planChangeFacts: facts, planChangeRuns: runs, planChangePolicy: policy } = deps;
  const { clock } = deps;
  const { found, foundFor, shown } = createLookup(deps);

  return [
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/next',
      tag: 'Plan changes',
      summary: 'Claim the oldest waiting plan change in the unit’s queue',
      description: 'Concurrent callers get different ones. 204: none is waiting.',
      auth: { apiKey: ['unit'] },
      responses: { 200: planChange, 204: null },
      problems: ['representative_required'],
      handle: async (caller) => {
        const claimed = await queue.claimNext(await claimOf(caller));
        if (claimed === null) return { status: 204 };
        return { status: 200, body: await movedBody(claimed) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/plan-changes/{id}',
      tag: 'Plan changes',
      summary: 'One plan change',
      auth: { apiKey: ['intake', 'unit'] },
      params: planChangeParams,
      responses: { 200: planChange },
      problems: ['role_not_allowed'],
      handle: async ({ params: { id }, key }) => {
        const { change } = await foundFor('look', id, key);
        return { status: 200, body: planChangeBody(change, clock()) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/{id}/claim',
      tag: 'Plan changes',
      summary: 'Claim a plan change in the unit’s queue',
      auth: { apiKey: ['unit'] },
      params: planChangeParams,
      responses: { 200: planChange },
      problems: ['representative_required', 'claimed_by_other', 'wrong_stage'],
      handle: async ({ params: { id }, ...caller }) => {
        const claim = await claimOf(caller);
        if (await queue.claim(id, claim)) return { status: 200, body: await movedBody(id) };
        await refuseUnless(id, (change) => change.claimedBy === claim.staffKey && isClaimed(change));
        return { status: 200, body: await shown(id) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/{id}/release',
      tag: 'Plan changes',
      summary: 'Return a claimed plan change to the queue',
      auth: { apiKey: ['unit'] },
      params: planChangeParams,
      responses: { 200: planChange },
      problems: ['representative_required', 'claimed_by_other', 'wrong_stage'],
      handle: async ({ params: { id }, ...caller }) => {
        const staffKey = await representativeOfKey(deps, caller.key, 'release');
        if (await queue.release(id, { staffKey, ...doneBy(caller) }))
          return { status: 200, body: await movedBody(id) };
        await refuseUnless(id, (change) => stageAt(change, clock()) === 'queued');
        return { status: 200, body: await shown(id) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/{id}/refer',
      tag: 'Plan changes',
      summary: 'Refer a plan change from an internal agent to the unit',
      auth: { apiKey: ['intake'] },
      params: planChangeParams,
      responses: { 200: planChange },
      problems: ['role_not_allowed', 'not_the_facilitator', 'wrong_stage'],
      handle: async ({ params: { id }, ...call }) => {
        const { caller } = await foundFor('refer', id, call.key);
        if (await queue.refer(id, { caller, ...doneBy(call) }))
          return { status: 200, body: await movedBody(id) };
        await refuseUnless(id, wasReferred, (change) => problemOf(change, 'refer', caller));
        return { status: 200, body: await shown(id) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/{id}/facilitator',
      tag: 'Plan changes',
      summary: 'Replace a facilitator who was not eligible',
      auth: { apiKey: ['intake'] },
      params: planChangeParams,
      body: facilitatorBody,
      responses: { 200: planChange },
      problems: ['role_not_allowed', 'not_eligible', 'wrong_stage'],
      handle: async ({ params: { id }, body: { facilitator }, ...caller }) => {
        const { change } = await foundFor('replace-facilitator', id, caller.key);
        const { channel, customerId, effectiveOn } = change;
        const customer = await facts.customer(customerId, effectiveOn);
        if (customer === null) throw new AppError('not_found');
        const agents = possibleAgents(customer, effectiveOn, unitDay(deps.planChangePolicy, deps.clock()));
        const facilitatorKey = await checkFacilitator(facts, channel, facilitator, agents);
        const replaced =
          facilitatorKey !== null &&
          (await queue.replaceFacilitator(id, { facilitatorKey, ...doneBy(caller) }));
        if (!replaced) await refuseUnless(id, never, notNow);
        return { status: 200, body: await movedBody(id) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/{id}/complete',
      tag: 'Plan changes',
      summary: 'Complete a plan change and decide who is agent of record',
      description:
        'Changes of the unit need the scope `unit` and the representative who claimed them; all others need the scope `intake`.',
      auth: { apiKey: ['unit', 'intake'] },
      params: planChangeParams,
      body: completionBody,
      responses: { 200: planChange },
      problems: [
        ...(['representative_required', 'role_not_allowed', 'claimed_by_other'] as const),
        ...(['not_the_facilitator', 'wrong_stage', 'facilitator_not_eligible', 'not_eligible'] as const),
      ],
      handle: async ({ params: { id }, body: { planId, effectiveDate }, key, operation }) => {
        const change = await found(id);
        const { route, heldFor } = change;
        if (!key.scopes.includes(route === 'unit' ? 'unit' : 'intake')) throw new AppError('scope_missing');
        const caller = await callerOfKey(deps, key);
        requireNoRefusal(moveRefusal(change, 'complete', caller, clock()));
        const { staffKey } = caller;
        const request = { planId, effectiveOn: effectiveDate, staffKey, apiKeyId: key.id };
        const result = await runs.complete(id, request, operation);
        if (result.kind !== 'completed' && !(operation.isRepeated && (await isDone(id, request))))
          throw completionProblem(result, heldFor);
        return { status: 200, body: await shown(id) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/{id}/withdraw',
      tag: 'Plan changes',
      summary: 'Withdraw an open plan change',
      auth: { apiKey: ['intake', 'unit'] },
      params: planChangeParams,
      body: withdrawalBody,
      responses: { 200: planChange },
      problems: [
        ...(['representative_required', 'role_not_allowed', 'claimed_by_other'] as const),
        ...(['not_the_facilitator', 'wrong_stage'] as const),
      ],
      handle: async ({ params: { id }, body: { reason }, ...call }) => {
        const { caller } = await foundFor('withdraw', id, call.key);
        // A system that may only read the unit's queue may not withdraw.
        if (caller.role === 'system' && !call.key.scopes.includes('intake'))
          throw new AppError('representative_required');
        const withdrawal = { reason, caller, ...doneBy(call) };
        if (!(await queue.withdraw(id, withdrawal)))
          await refuseUnless(id, never, (change) => problemOf(change, 'withdraw', caller));
        return { status: 200, body: await movedBody(id) };
      },
    }),
  ];

  /** Tells the run, and shows the change. */
  async function movedBody(id: string) {
    const change = await found(id);
    await runs.notifyRun(id, change);
    return planChangeBody(change, clock());
  }

  async function claimOf(caller: Caller) {
    const staffKey = await representativeOfKey(deps, caller.key, 'claim');
    const by = doneBy(caller);
    return { staffKey, claimUntilMs: by.atMs + policy.claimMinutes * MINUTE_MS, ...by };
  }

  function doneBy({ key, address, operation }: Caller) {
    return { apiKeyId: key.id, address, atMs: clock(), moveId: operation.idFor('move') };
  }

  /** Whether an earlier try completed it as requested, but its run ended before it could answer. */
  async function isDone(id: string, { planId, effectiveOn, apiKeyId }: CompletionRequest): Promise<boolean> {
    const change = await found(id);
    return (
      change.completedWith === apiKeyId && change.planId === planId && change.effectiveOn === effectiveOn
    );
  }

  /** Why a move was not possible; undefined if it is already done, for a client that missed the answer and retries. */
  async function refuseUnless(
    id: string,
    isAsWanted: (change: ListedPlanChange) => boolean,
    refused = othersOrNotNow,
  ): Promise<void> {
    const change = await found(id);
    if (!isAsWanted(change)) throw refused(change);
  }

  function othersOrNotNow(change: ListedPlanChange): AppError {
    return isClaimed(change) ? new AppError('claimed_by_other') : notNow(change);
  }

  function isClaimed(change: ListedPlanChange): boolean {
    return stageAt(change, clock()) === 'claimed';
  }

  /** Its owner may have changed since it was read. */
  function problemOf(change: ListedPlanChange, move: PlanChangeMove, caller: PlanChangeCaller): AppError {
    const why = moveRefusal(change, move, caller, clock());
    return why === null || why === 'wrong-stage' ? notNow(change) : rightsProblem(why);
  }

  /** For callers who cannot claim, a claim is a stage like any other. */
  function notNow(change: ListedPlanChange): AppError {
    return wrongStage(stageAt(change, clock()));
  }
}

const wasReferred = ({ route, facilitatorKey, endedAtMs }: ListedPlanChange): boolean =>
  route === 'unit' && facilitatorKey !== null && endedAtMs === null;

/** For moves that are never as they were wanted already. */
const never = (): boolean => false;
