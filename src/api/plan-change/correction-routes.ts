/** Corrections of completed plan changes (spec.md 7b). The run decides whether one is possible, with the customer's history at hand. */
import { planChange, planChangeParams, redeterminationBody, reversalBody } from './schemas';
import type { ApiDeps } from '../deps';
import type { ApiKeyHolder } from '../../ports/api-key';
import type { RequestedCorrection } from '../../ports/aor-correction';
import type { Operation } from '../../ports/operation';
import type { ListedPlanChange } from '../../ports/plan-change';
import { correctionProblem } from './answers';
import { callerOfKey } from './callers';
import { createLookup } from './lookup';
import { defineRoute, type Route } from '../http/route';

type CorrectionDeps = Pick<
  ApiDeps,
  'planChanges' | 'planChangeFacts' | 'planChangePolicy' | 'aorCorrections' | 'aorCorrectionRuns' | 'clock'
>;

interface Call {
  readonly key: ApiKeyHolder;
  readonly operation: Operation;
}

export function correctionRoutes(deps: CorrectionDeps): Route[] {
  const { aorCorrections, aorCorrectionRuns: runs, clock } = deps;
  const { found, foundFor, shown } = createLookup(deps);

  return [
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/{id}/reversal',
      tag: 'Plan changes',
      summary: 'Reverse a completed plan change',
      description:
        'From its effective date on, plan, agent of record and commission are again what they would be without it. Customer and agents are told by email.',
      auth: { apiKey: ['intake'] },
      params: planChangeParams,
      body: reversalBody,
      responses: { 200: planChange },
      problems: ['role_not_allowed', 'not_the_facilitator', 'wrong_stage', 'later_change_recorded'],
      handle: async ({ params: { id }, body: { reason, note = null }, ...call }) => {
        const { change, caller } = await foundFor('reverse', id, call.key);
        const { staffKey } = caller;
        await correct(change, { kind: 'reversal', reason, note, staffKey }, call);
        return { status: 200, body: await shown(id) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/plan-changes/{id}/redetermination',
      tag: 'Plan changes',
      summary: 'Determine the agent of record after a completed plan change again',
      description:
        'With the standing that is known now, on the day of completion. Customer and agents are told by email.',
      auth: { apiKey: ['audit'] },
      params: planChangeParams,
      body: redeterminationBody,
      responses: { 200: planChange },
      problems: ['wrong_stage', 'later_change_recorded', 'nothing_to_correct'],
      handle: async ({ params: { id }, body: { note }, ...call }) => {
        const [change, { staffKey }] = await Promise.all([found(id), callerOfKey(deps, call.key)]);
        await correct(change, { kind: 'redetermination', reason: null, note, staffKey }, call);
        return { status: 200, body: await shown(id) };
      },
    }),
  ];

  /** Throws the `AppError` that says why it was not possible. */
  async function correct(
    { planChangeId, customerId }: ListedPlanChange,
    asked: Pick<RequestedCorrection, 'kind' | 'reason' | 'note' | 'staffKey'>,
    { key, operation }: Call,
  ): Promise<void> {
    const correctionId = operation.idFor('correction');
    const correction = { correctionId, planChangeId, customerId, apiKeyId: key.id, ...asked };
    await aorCorrections.request({ ...correction, atMs: clock() });
    const result = await runs.carryOut(correction, operation);
    if (result.kind === 'refused') throw correctionProblem(result.reason, await found(planChangeId), clock());
  }
}
