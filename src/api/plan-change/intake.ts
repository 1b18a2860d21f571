/** What a plan change is taken in with, checked before anything is written. */
import type { z } from 'zod';
import type { intakeBody } from './schemas';
import { foldAgentNumber } from '../../domain/accounts/names';
import { internalRoleOf } from '../../domain/plan-change/plan-change';
import { fitsChannel, ineligibility, possibleAgents } from '../../domain/plan-change/eligibility';
import { unitDay } from '../../domain/plan-change/deadlines';
import { planChangeRouting, type PlanChangeChannel } from '../../domain/plan-change/routing';
import type { ApiDeps } from '../deps';
import type { FieldCode } from '../http/field-errors';
import type { NewPlanChange } from '../../ports/plan-change';
import { AppError } from '../http/problems';

type IntakeDeps = Pick<ApiDeps, 'planChangeFacts' | 'planChangePolicy' | 'clock'>;
type Intake = z.output<typeof intakeBody>;

export type CheckedIntake = Pick<
  NewPlanChange,
  'customerId' | 'channel' | 'route' | 'stage' | 'facilitatorKey' | 'planId' | 'effectiveOn'
> & {
  /** The agent of record on the day before it takes effect; the last one, while that day is not known. */
  readonly agentKey: string | null;
};

/** Throws `AppError`: `invalid_fields` for what is on no roster or does not go with the channel, `not_eligible` with the reason. */
export async function checkIntake(deps: IntakeDeps, intake: Intake): Promise<CheckedIntake> {
  const { planChangeFacts: facts, planChangePolicy, clock } = deps;
  const { channel, customerId, effectiveDate: effectiveOn = null } = intake;
  const [customer, plan] = await Promise.all([
    facts.customer(customerId, effectiveOn),
    intake.planId === undefined ? null : facts.plan(intake.planId),
  ]);
  if (customer === null) refuseField('/customerId', 'not_on_record');
  if (intake.planId !== undefined && plan === null) refuseField('/planId', 'not_on_record');
  const today = unitDay(planChangePolicy, clock());
  const reason = ineligibility(today, customer, { plan, effectiveOn });
  if (reason !== null) throw new AppError('not_eligible', { extensions: { reason } });

  const agents = possibleAgents(customer, effectiveOn, today);
  const facilitatorKey = await checkFacilitator(facts, channel, intake.facilitator, agents);
  const { route } = planChangeRouting[channel];
  return {
    customerId,
    channel,
    route,
    facilitatorKey,
    effectiveOn,
    stage: route === 'unit' ? 'queued' : 'with-facilitator',
    planId: plan?.planId ?? null,
    agentKey: customer.agentKey,
  };
}

/**
 * The key of who facilitates a change by `channel`; null: nobody, it is the unit's. `agentKeys`: who may be agent of record before it
 * (`possibleAgents`); the decision looks at it again. Throws as `checkIntake`.
 */
export async function checkFacilitator(
  facts: ApiDeps['planChangeFacts'],
  channel: PlanChangeChannel,
  given: Intake['facilitator'],
  agentKeys: readonly (string | null)[],
): Promise<string | null> {
  const { facilitator: kind } = planChangeRouting[channel];
  if (given === undefined) return kind === null ? null : refuseField('/facilitator', 'required');
  if (kind === null) refuseField('/facilitator', 'not_for_this_channel');
  if (given.kind !== kind) refuseField('/facilitator/kind', 'not_for_this_channel');

  const key = foldAgentNumber(given.number);
  const role = internalRoleOf(channel);
  if (role !== null) {
    const staff = await facts.staff(key);
    if (staff === null) refuseField('/facilitator/number', 'not_on_record');
    if (staff.role !== role) refuseFacilitator();
    return key;
  }
  const agent = await facts.agent(key);
  if (agent === null) refuseField('/facilitator/number', 'not_on_record');
  for (const agentKey of agentKeys) {
    const onePerson = agentKey !== null && (await facts.isOnePerson(key, agentKey));
    if (fitsChannel(channel, agent, { agentKey }, onePerson)) return key;
  }
  refuseFacilitator();
}

function refuseField(pointer: string, code: FieldCode): never {
  throw new AppError('invalid_fields', { errors: [{ pointer, code }] });
}

function refuseFacilitator(): never {
  throw new AppError('not_eligible', { extensions: { reason: 'facilitator-does-not-fit' } });
}
