/** Taking plan changes in, and listing them (spec.md 7). The domain decides who may. */
import { intakeBody, planChange, planChanges, planChangesQuery } from './schemas';
import { visibleTo } from '../../domain/plan-change/rights';
import { decodeCursor, pageOf } from '../http/cursor';
import type { ApiDeps } from '../deps';
import { planChangeBody } from './answers';
import { callerOfKey, requireIntakeRight } from './callers';
import { checkIntake } from './intake';
import { createLookup } from './lookup';
import { AppError } from '../http/problems';
import { defineRoute, type Route } from '../http/route';

const PAGE = 100;

type PlanChangeDeps = Pick<
  ApiDeps,
  'planChanges' | 'planChangeFacts' | 'planChangeRuns' | 'planChangePolicy' | 'clock'
>;

/** `/v1/plan-changes`; what is below it is in move-routes.ts. */
export function planChangeRoutes(deps: PlanChangeDeps): Route[] {
  const { planChanges: queue, planChangeRuns: runs, clock } = deps;
  const { shown } = createLookup(deps);

  return [
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes',
      tag: 'Plan changes',
      summary: 'Take a plan change in',
      description:
        'The channel decides who completes it: the Dedicated Plan Change unit, or the facilitator, who must be named.',
      auth: { apiKey: ['intake'] },
      body: intakeBody,
      responses: { 201: planChange },
      problems: [
        ...(['role_not_allowed', 'not_the_facilitator', 'plan_change_open', 'not_eligible'] as const),
      ],
      handle: async ({ body, key, address, operation }) => {
        requireIntakeRight(await callerOfKey(deps, key), body);
        const planChangeId = operation.idFor('plan change');
        if (operation.isRepeated && (await queue.look(planChangeId)) !== null) return takenIn(planChangeId);
        const checked = await checkIntake(deps, body);
        await refuseSecond(checked.customerId);
        const change = { ...checked, planChangeId, apiKeyId: key.id, address, atMs: clock() };
        // The run first: a run that finds no change ends by itself, but a change without a run would be forgotten.
        await runs.start(change);
        if (await queue.open(change)) {
          // The run of an earlier try may be about to end.
          return operation.isRepeated
            ? takenIn(planChangeId)
            : { status: 201, body: await shown(planChangeId) };
        }
        await runs.notifyRun(planChangeId);
        await refuseSecond(checked.customerId);
        throw new AppError('unavailable', { retryAfterSeconds: 1 });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/plan-changes',
      tag: 'Plan changes',
      summary: 'List plan changes, oldest first',
      description:
        'Internal agents see their own, customer service those it took in; everybody else sees all.',
      auth: { apiKey: ['intake', 'unit'] },
      query: planChangesQuery,
      responses: { 200: planChanges },
      problems: ['role_not_allowed'],
      handle: async ({ query: { stage, route, cursor }, key }) => {
        const after = cursor === undefined ? undefined : decodeCursor(cursor);
        const nowMs = clock();
        const visible = visibleTo(await callerOfKey(deps, key));
        if (visible === null) throw new AppError('role_not_allowed');
        const listed = await queue.list({ visible, stage, route, after, nowMs, limit: PAGE + 1 });
        const { page, nextCursor } = pageOf(listed, PAGE, ({ waitingSinceMs, planChangeId }) => ({
          atMs: waitingSinceMs,
          id: planChangeId,
        }));
        return {
          status: 200,
          body: { planChanges: page.map((change) => planChangeBody(change, nowMs)), nextCursor },
        };
      },
    }),
  ];

  /** The change that an earlier try created: its run may not have been signalled, or have ended. */
  async function takenIn(planChangeId: string) {
    await runs.notifyRun(planChangeId);
    return { status: 201 as const, body: await shown(planChangeId) };
  }

  async function refuseSecond(customerId: string): Promise<void> {
    const planChangeId = await queue.openChangeOf(customerId);
    if (planChangeId !== null) throw new AppError('plan_change_open', { extensions: { planChangeId } });
  }
}
