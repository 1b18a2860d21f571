/** Who calls about plan changes, and whether they may take one in, or work the unit's queue. */
import type { z } from 'zod';
import type { intakeBody } from './schemas';
import { foldAgentNumber } from '../../domain/accounts/names';
import {
  callerOf,
  intakeRefusal,
  rightsRefusal,
  type PlanChangeCaller,
} from '../../domain/plan-change/rights';
import { unitDay } from '../../domain/plan-change/deadlines';
import type { ApiDeps } from '../deps';
import type { ApiKeyHolder } from '../../ports/api-key';
import { AppError } from '../http/problems';
import { requireNoRefusal } from './answers';

type CallerDeps = Pick<ApiDeps, 'planChangeFacts' | 'planChangePolicy' | 'clock'>;

/** By what the staff roster says now. */
export async function callerOfKey(
  { planChangeFacts, planChangePolicy, clock }: CallerDeps,
  { staffNumber }: Pick<ApiKeyHolder, 'staffNumber'>,
): Promise<PlanChangeCaller> {
  const staffKey = staffNumber === null ? null : foldAgentNumber(staffNumber);
  const staff = staffKey === null ? null : await planChangeFacts.staff(staffKey);
  return callerOf(staffKey, staff, unitDay(planChangePolicy, clock()));
}

/** Asked before anything is looked up. A facilitator who is not named, but has to be, is a matter of the fields. */
export function requireIntakeRight(
  caller: PlanChangeCaller,
  { channel, facilitator }: z.output<typeof intakeBody>,
): void {
  const facilitatorKey = facilitator === undefined ? caller.staffKey : foldAgentNumber(facilitator.number);
  requireNoRefusal(intakeRefusal(channel, facilitatorKey, caller));
}

/** The staff key of a person who may work the unit's queue. Throws `AppError('representative_required')`. */
export async function representativeOfKey(
  deps: CallerDeps,
  key: ApiKeyHolder,
  move: 'claim' | 'release',
): Promise<string> {
  const { role, staffKey } = await callerOfKey(deps, key);
  // The channel makes no difference to the unit.
  if (staffKey === null || rightsRefusal(role, move, 'plan-change-line', 'units') !== null)
    throw new AppError('representative_required');
  return staffKey;
}
