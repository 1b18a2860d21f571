/** Plan changes: taken in, passed on, completed (spec.md 7). Who may do what with one is decided here; when, by the database. */
import type { z } from 'zod';
import { isoTime } from '../../contracts/http/fields';
import {
  completionBody,
  facilitatorBody,
  intakeBody,
  planChange,
  planChangeParams,
  planChanges,
  planChangesQuery,
  withdrawalBody,
} from '../../contracts/http/plan-change';
import type { CompletionRefusal } from '../../contracts/plan-change';
import type { StandingDefect } from '../../domain/agent-standing';
import { foldAgentNumber } from '../../domain/names';
import { isRepresentative, stageAt } from '../../domain/plan-change';
import { unitDay } from '../../domain/plan-change-policy';
import { planChangeRouting } from '../../domain/plan-change-routing';
import { MINUTE_MS } from '../../domain/portal';
import { decodeCursor, pageOf } from '../cursor';
import type { ApiDeps } from '../deps';
import { checkFacilitator, checkIntake } from '../plan-change-intake';
import type { ApiKeyHolder, ListedPlanChange } from '../ports';
import { AppError } from '../problems';
import { defineRoute, type Route } from '../route';

const PAGE = 100;

type PlanChangeDeps = Pick<
  ApiDeps,
  'planChanges' | 'planChangeFacts' | 'planChangeRuns' | 'planChangePolicy' | 'clock' | 'newId'
>;

interface Caller {
  readonly key: ApiKeyHolder;
  readonly address: string;
}

/** `/v1/plan-changes` and what is below it. */
export function planChangeRoutes(deps: PlanChangeDeps): Route[] {
  const { planChanges: desk, planChangeFacts: facts, planChangeRuns: runs, planChangePolicy: policy } = deps;
  const { clock, newId } = deps;

  return [
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes',
      tag: 'Plan changes',
      summary: 'Take a plan change in',
      description:
        'The channel decides who completes it: the Dedicated Plan Change unit, or the facilitator who has to be named.',
      auth: { apiKey: ['intake'] },
      body: intakeBody,
      responses: { 201: planChange },
      problems: ['plan_change_open', 'not_eligible'],
      handle: async ({ body, key, address }) => {
        const checked = await checkIntake(deps, body);
        await refuseSecond(checked.customerId);
        const change = { ...checked, planChangeId: newId(), apiKeyId: key.id, address, atMs: clock() };
        // The run first: one that finds nothing ends by itself, and a change without a run would be forgotten.
        await runs.start(change);
        if (!(await desk.open(change))) {
          await runs.tell(change.planChangeId);
          await refuseSecond(checked.customerId);
          throw new AppError('unavailable', { retryAfterSeconds: 1 });
        }
        return { status: 201, body: await shown(change.planChangeId) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/plan-changes',
      tag: 'Plan changes',
      summary: 'Plan changes, the oldest first',
      auth: { apiKey: ['intake', 'unit'] },
      query: planChangesQuery,
      responses: { 200: planChanges },
      problems: [],
      handle: async ({ query: { stage, route, cursor } }) => {
        const after = cursor === undefined ? undefined : decodeCursor(cursor);
        const nowMs = clock();
        const listed = await desk.list({ stage, route, after, nowMs, limit: PAGE + 1 });
        const { page, nextCursor } = pageOf(listed, PAGE, ({ waitingSinceMs, planChangeId }) => ({
          atMs: waitingSinceMs,
          id: planChangeId,
        }));
        return { status: 200, body: { planChanges: page.map((change) => view(change, nowMs)), nextCursor } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/next',
      tag: 'Plan changes',
      summary: 'Take the oldest waiting plan change of the unit’s queue',
      description: 'Exactly one of those who ask at once gets it. 204: none waits.',
      auth: { apiKey: ['unit'] },
      responses: { 200: planChange, 204: null },
      problems: ['representative_required'],
      handle: async (caller) => {
        const claimed = await desk.claimNext(await claimOf(caller));
        if (claimed === null) return { status: 204 };
        await runs.tell(claimed);
        return { status: 200, body: await shown(claimed) };
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
      problems: [],
      handle: async ({ params: { id } }) => ({ status: 200, body: await shown(id) }),
    }),
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/{id}/claim',
      tag: 'Plan changes',
      summary: 'Take a plan change of the unit’s queue',
      auth: { apiKey: ['unit'] },
      params: planChangeParams,
      responses: { 200: planChange },
      problems: ['representative_required', 'claimed_by_other', 'wrong_stage'],
      handle: async ({ params: { id }, ...caller }) => {
        const claim = await claimOf(caller);
        if (await desk.claim(id, claim)) await runs.tell(id);
        else await refuseUnless(id, (change) => change.claimedBy === claim.staffKey && isClaimed(change));
        return { status: 200, body: await shown(id) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/{id}/release',
      tag: 'Plan changes',
      summary: 'Give a claimed plan change back to the queue',
      auth: { apiKey: ['unit'] },
      params: planChangeParams,
      responses: { 200: planChange },
      problems: ['representative_required', 'claimed_by_other', 'wrong_stage'],
      handle: async ({ params: { id }, ...caller }) => {
        const staffKey = await representative(caller.key);
        if (await desk.release(id, { staffKey, ...doneBy(caller) })) await runs.tell(id);
        else await refuseUnless(id, (change) => stageAt(change, clock()) === 'queued');
        return { status: 200, body: await shown(id) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/{id}/refer',
      tag: 'Plan changes',
      summary: 'Hand a customer over from an internal agent to the unit',
      auth: { apiKey: ['intake'] },
      params: planChangeParams,
      responses: { 200: planChange },
      problems: ['not_the_facilitator', 'wrong_stage'],
      handle: async ({ params: { id }, ...caller }) => {
        const { facilitatorKey } = await found(id);
        const staffKey = staffKeyOf(caller.key);
        if (staffKey !== null && staffKey !== facilitatorKey) throw new AppError('not_the_facilitator');
        if (await desk.refer(id, doneBy(caller))) await runs.tell(id);
        else await refuseUnless(id, wasReferred, notNow);
        return { status: 200, body: await shown(id) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/{id}/facilitator',
      tag: 'Plan changes',
      summary: 'Put in another facilitator where the one before was not eligible',
      auth: { apiKey: ['intake'] },
      params: planChangeParams,
      body: facilitatorBody,
      responses: { 200: planChange },
      problems: ['not_eligible', 'wrong_stage'],
      handle: async ({ params: { id }, body: { facilitator }, ...caller }) => {
        const { channel, customerId } = await found(id);
        const customer = await facts.customer(customerId);
        if (customer === null) throw new AppError('not_found');
        const facilitatorKey = await checkFacilitator(deps, channel, facilitator, customer);
        const replaced =
          facilitatorKey !== null &&
          (await desk.replaceFacilitator(id, { facilitatorKey, ...doneBy(caller) }));
        if (!replaced) await refuseUnless(id, () => false, notNow);
        await runs.tell(id);
        return { status: 200, body: await shown(id) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/{id}/complete',
      tag: 'Plan changes',
      summary: 'Complete a plan change, and decide who is agent of record',
      description:
        'The unit’s changes need the scope `unit` and the representative who has claimed it; all others the scope `intake`.',
      auth: { apiKey: ['unit', 'intake'] },
      params: planChangeParams,
      body: completionBody,
      responses: { 200: planChange },
      problems: [
        ...(['representative_required', 'claimed_by_other', 'not_the_facilitator'] as const),
        ...(['wrong_stage', 'facilitator_not_eligible', 'not_eligible'] as const),
      ],
      handle: async ({ params: { id }, body: { planId, effectiveDate }, key }) => {
        const { route, heldFor } = await found(id);
        if (!key.scopes.includes(route === 'unit' ? 'unit' : 'intake')) throw new AppError('scope_missing');
        const staffKey = route === 'unit' ? await representative(key) : staffKeyOf(key);
        const request = { planId, effectiveOn: effectiveDate, staffKey, apiKeyId: key.id };
        const result = await runs.complete(id, request);
        if (result.kind !== 'completed') throw refusal(result, heldFor);
        return { status: 200, body: await shown(id) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/{id}/withdraw',
      tag: 'Plan changes',
      summary: 'Withdraw a plan change that is not over',
      auth: { apiKey: ['intake', 'unit'] },
      params: planChangeParams,
      body: withdrawalBody,
      responses: { 200: planChange },
      problems: ['representative_required', 'claimed_by_other', 'wrong_stage'],
      handle: async ({ params: { id }, body: { reason }, ...caller }) => {
        const { key } = caller;
        const staffKey = key.scopes.includes('intake') ? staffKeyOf(key) : await representative(key);
        if (!(await desk.withdraw(id, { reason, staffKey, ...doneBy(caller) })))
          await refuseUnless(id, () => false);
        await runs.tell(id);
        return { status: 200, body: await shown(id) };
      },
    }),
  ];

  /** The staff key of a representative of the unit, licensed today. Throws `AppError('representative_required')`. */
  async function representative({ staffNumber }: ApiKeyHolder): Promise<string> {
    const staff = staffNumber === null ? null : await facts.staff(foldAgentNumber(staffNumber));
    if (staff === null || !isRepresentative(staff, unitDay(policy, clock())))
      throw new AppError('representative_required');
    return staff.staffKey;
  }

  async function claimOf(caller: Caller) {
    const staffKey = await representative(caller.key);
    const by = doneBy(caller);
    return { staffKey, claimUntilMs: by.atMs + policy.claimMinutes * MINUTE_MS, ...by };
  }

  function doneBy({ key, address }: Caller) {
    return { apiKeyId: key.id, address, atMs: clock() };
  }

  async function found(id: string): Promise<ListedPlanChange> {
    const change = await desk.look(id);
    if (change === null) throw new AppError('not_found');
    return change;
  }

  async function shown(id: string): Promise<z.input<typeof planChange>> {
    return view(await found(id), clock());
  }

  function isClaimed(change: ListedPlanChange): boolean {
    return stageAt(change, clock()) === 'claimed';
  }

  async function refuseSecond(customerId: string): Promise<void> {
    const planChangeId = await desk.openChangeOf(customerId);
    if (planChangeId !== null) throw new AppError('plan_change_open', { extensions: { planChangeId } });
  }

  /** Why a move was not possible; nothing, when it is as it was wanted already: whoever missed the answer asks again. */
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

  /** For those who claim nothing, a claim is a stage like any other. */
  function notNow(change: ListedPlanChange): AppError {
    return new AppError('wrong_stage', { extensions: { stage: stageAt(change, clock()) } });
  }
}

const staffKeyOf = ({ staffNumber }: ApiKeyHolder): string | null =>
  staffNumber === null ? null : foldAgentNumber(staffNumber);

const wasReferred = ({ route, facilitatorKey, endedAtMs }: ListedPlanChange): boolean =>
  route === 'unit' && facilitatorKey !== null && endedAtMs === null;

function refusal(result: CompletionRefusal, heldFor: StandingDefect | null): AppError {
  switch (result.kind) {
    case 'wrong-stage':
      return result.stage === 'held'
        ? new AppError(
            'facilitator_not_eligible',
            heldFor === null ? {} : { extensions: { reason: heldFor } },
          )
        : new AppError('wrong_stage', { extensions: { stage: result.stage } });
    case 'claimed-by-other':
      return new AppError('claimed_by_other');
    case 'not-the-facilitator':
      return new AppError('not_the_facilitator');
    case 'plan-unknown':
      return new AppError('invalid_fields', { errors: [{ pointer: '/planId', code: 'not_on_record' }] });
    case 'not-eligible':
      return new AppError('not_eligible', { extensions: { reason: result.reason } });
    case 'held':
      return new AppError('facilitator_not_eligible', { extensions: { reason: result.defect } });
  }
}

function view(change: ListedPlanChange, nowMs: number): z.input<typeof planChange> {
  const { planChangeId, customerId, channel, route, planId, effectiveOn, openedAtMs, waitingSinceMs } =
    change;
  const { facilitatorNumber, heldFor, endedAtMs, endedFor, outcome, reason } = change;
  const stage = stageAt(change, nowMs);
  const { facilitator } = planChangeRouting[channel];
  const isWaiting = stage === 'queued';
  const timeOf = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));
  return {
    ...{ id: planChangeId, customerId, channel, route, stage, planId, effectiveDate: effectiveOn, heldFor },
    facilitator:
      facilitator === null || facilitatorNumber === null
        ? null
        : { kind: facilitator, number: facilitatorNumber },
    openedAt: isoTime(openedAtMs),
    waitingSince: isoTime(waitingSinceMs),
    ageSeconds: Math.max(0, Math.floor(((endedAtMs ?? nowMs) - openedAtMs) / 1000)),
    claimedBy: isWaiting ? null : change.claimedByNumber,
    claimUntil: isWaiting ? null : timeOf(change.claimUntilMs),
    endedAt: timeOf(endedAtMs),
    withdrawnFor: endedFor,
    agentOfRecord:
      outcome === null || reason === null
        ? null
        : {
            ...{ outcome, reason, agentNumber: change.agentNumber },
            commissionContinues: change.commissionContinues,
          },
  };
}
